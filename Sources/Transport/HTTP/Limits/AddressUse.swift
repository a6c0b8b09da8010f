/// What the clients of one address use at present.
final class AddressUse {
    /// The open connections, which are a part of the server's.
    let connections: OpenCount
    /// The open sessions.
    var sessions = 0
    private var handshakes = TokenBucket()

    /// What is open at a moment.
    struct Open: Equatable {
        var connections = 0
        var sessions = 0
    }

    /// What the other workers of the server have.
    var elsewhere = Open()
    /// What they were told last.
    var reported = Open()
    /// The sessions that were opened since then.
    var newHandshakes = 0

    init(in server: OpenCount) {
        connections = OpenCount(in: server)
    }

    /// Counts an attempt to open a session, unless it reaches a limit.
    /// - Returns: the limit that it reaches, and the time until another attempt may succeed; nil if it may go on.
    func admitSession(_ limits: AddressLimits, at now: ContinuousClock.Instant) -> (ReachedLimit, Duration)? {
        if let rate = limits.handshakes {
            let delay = handshakes.delay(of: rate, at: now)
            guard delay == .zero else { return (.handshakes, delay) }
            charge(1, of: rate, at: now)
            newHandshakes += 1
        }
        guard sessions + elsewhere.sessions < limits.connections ?? .max else { return (.addressSessions, .seconds(5)) }
        return nil
    }

    /// Counts sessions that were opened.
    func charge(_ count: Int, of rate: RateLimit, at now: ContinuousClock.Instant) {
        if count > 0 { handshakes.take(count, of: rate, at: now) }
    }

    /// True if the address may have another connection.
    func admitsConnection(_ limits: AddressLimits) -> Bool {
        connections.held + elsewhere.connections < limits.connections ?? .max
    }

    /// True if a new object would do the same.
    func isUnused(at now: ContinuousClock.Instant) -> Bool {
        connections.held == 0 && sessions == 0 && elsewhere == Open() && reported == Open()
            && handshakes.isFull(at: now)
    }
}
