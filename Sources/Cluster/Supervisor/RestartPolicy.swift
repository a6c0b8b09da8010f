/// How long a worker that died waits for its successor: longer each time, until one has lasted.
struct RestartPolicy: Equatable {
    static let shortestDelay = Duration.milliseconds(100)
    static let longestDelay = Duration.seconds(10)
    /// A worker that served for this long has lasted.
    static let stableTime = Duration.seconds(10)

    /// How many died in a row without one that lasted.
    private(set) var failures = 0

    /// A worker is gone.
    /// - Parameter served: how long it accepted connections.
    /// - Returns: how long its successor has to wait.
    mutating func died(served: Duration) -> Duration {
        failures = served >= Self.stableTime ? 1 : failures + 1
        return min(Self.shortestDelay * (1 << min(failures - 1, 10)), Self.longestDelay)
    }
}
