/// What the clients of one address use at present.
final class AddressUse {
    /// The open connections, which are a part of the server's.
    let connections: OpenCount
    /// The open sessions.
    var sessions = 0
    private var handshakes = TokenBucket()

    init(in server: OpenCount) {
        connections = OpenCount(in: server)
    }

    /// Counts an attempt to open a session, unless it reaches a limit.
    /// - Returns: the limit that it reaches, and the time until another attempt may succeed; nil if it may go on.
    func admitSession(_ limits: AddressLimits, at now: ContinuousClock.Instant) -> (ReachedLimit, Duration)? {
        if let rate = limits.handshakes {
            let delay = handshakes.delay(of: rate, at: now)
            guard delay == .zero else { return (.handshakes, delay) }
            handshakes.take(1, of: rate, at: now)
        }
        guard sessions < limits.connections ?? .max else { return (.addressSessions, .seconds(5)) }
        return nil
    }

    /// True if a new object would do the same.
    func isUnused(at now: ContinuousClock.Instant) -> Bool {
        connections.open == 0 && sessions == 0 && handshakes.isFull(at: now)
    }
}
