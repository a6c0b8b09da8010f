/// The delay before the successor of a dead worker starts. It doubles with each death, up to ``longestDelay``, until a
/// worker has been stable.
struct RestartPolicy: Equatable {
    static let shortestDelay = Duration.milliseconds(100)
    static let longestDelay = Duration.seconds(10)
    /// A worker that served for this long was stable.
    static let stableTime = Duration.seconds(10)

    /// The number of deaths in a row, starting with that of the last stable worker.
    private(set) var failures = 0

    /// Counts the death of a worker.
    /// - Parameter served: how long the worker accepted connections.
    /// - Returns: the delay before its successor starts.
    mutating func died(served: Duration) -> Duration {
        failures = served >= Self.stableTime ? 1 : failures + 1
        return min(Self.shortestDelay * (1 << min(failures - 1, 10)), Self.longestDelay)
    }
}
