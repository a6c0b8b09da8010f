import Transport

/// An emitter's connection to a Redis server. It asks now and then whether the server has become a replica.
final class RedisEmitterConnection: EmitterConnection {
    /// The time between two such questions.
    private static let checkInterval = Duration.seconds(1)

    private let loop: EventLoop
    private let pubSub: RedisPubSub
    private let handle: (EmitterConnectionEvent) -> Void
    private var connection: RedisConnection?
    /// The command that asks, and when the next one is due.
    private var check: UInt64?
    private var nextCheck: ContinuousClock.Instant

    /// Begins to connect.
    /// - Parameters:
    ///   - pubSub: the form of pub/sub.
    ///   - handle: called with each event.
    /// - Throws: ``SystemError`` if the attempt fails at once.
    init(
        to address: SocketAddress, _ identity: RedisStateMachine.Identity, _ pubSub: RedisPubSub, on loop: EventLoop,
        handle: @escaping (EmitterConnectionEvent) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.pubSub = pubSub
        self.handle = handle
        nextCheck = loop.now
        connection = try RedisConnection(to: address, identity, on: loop) { [weak self] event in self?.received(event) }
    }

    /// One place is kept for the check.
    var room: Int { max(0, (connection?.room ?? 0) - 1) }

    func send(_ message: RedisCommand) -> UInt64? {
        if check == nil, loop.now >= nextCheck {
            nextCheck = loop.now + Self.checkInterval
            check = connection?.send(RedisCommand("ROLE"))
        }
        return connection?.send(message)
    }

    func close() {
        connection?.close()
        connection = nil
    }

    private func received(_ event: RedisConnection.Event) {
        switch event {
        case .session(.ready(let server)):
            if let refusal = pubSub.refusal(of: server) { end(refusal) } else { handle(.ready) }
        case .session(.answered(let number, let result)): answered(number, result)
        case .session: break
        case .ended(let reason, let cause):
            let isRefusal = if case .authentication? = cause { true } else { false }
            end(reason, isRefusal: isRefusal)
        }
    }

    private func answered(_ command: UInt64, _ result: Result<RESPValue, RedisError>) {
        switch result {
        case _ where command == check:
            check = nil
            // A user may lack the right to the command.
            if (try? result.get())?.isRoleOfReplica == true { end("the server has become a replica") }
        case .success: handle(.answered(command, nil))
        case .failure(let error):
            let reason = RedisPubSub.reason(of: error)
            handle(.answered(command, error.isRetryable ? .unreachable(reason) : .refused(reason)))
        }
    }

    private func end(_ reason: String, isRefusal: Bool = false) {
        close()
        handle(.ended(reason: reason, isRefusal: isRefusal))
    }
}
