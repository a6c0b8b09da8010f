import Transport

/// One session at a Redis server, with a regular check that the server still answers. Everything happens on the loop.
final class RedisConnection {
    enum Event {
        case session(RedisStateMachine.Event)
        /// The connection cannot be used any more. No event follows. The failure is nil if the session has not failed
        /// itself.
        case ended(reason: String, RedisFailure?)
    }

    private let loop: EventLoop
    private let handle: (Event) -> Void
    private let isPublisher: Bool
    private var session: RedisStateMachine
    private var socket: OutgoingConnection?
    private var hasEnded = false
    private var timer: EventLoop.TimerToken?
    private var watch: AnswerWatch

    /// Begins to connect.
    /// - Parameters:
    ///   - limits: what the server may send at most.
    ///   - isPublisher: true to discard what the server has not received when the connection is given up. Otherwise
    ///     the kernel tells the server again and again that the connection has ended.
    ///   - handle: called with each event.
    /// - Throws: ``SystemError`` if the attempt fails at once.
    init(
        to address: SocketAddress, _ identity: RedisStateMachine.Identity, limits: RESPLimits = RESPLimits(),
        isPublisher: Bool = false, on loop: EventLoop, handle: @escaping (Event) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.handle = handle
        self.isPublisher = isPublisher
        session = RedisStateMachine(identity, limits: limits)
        watch = AnswerWatch(at: loop.now)
        socket = try OutgoingConnection(to: address, on: loop, handler: self)
        timer = loop.startTimer(at: watch.nextCheck, self)
    }

    /// How many commands can be sent now.
    var room: Int { session.isReady ? session.room : 0 }

    /// Sends a command. Has no effect after the end.
    /// - Returns: the number of the command, to which its answer refers; nil after the end.
    @discardableResult
    func send(_ command: RedisCommand) -> UInt64? {
        request { session.send(command) }
    }

    /// Subscribes to channels or patterns, at least one. Has no effect after the end.
    /// - Returns: the number of the command, to which its answer refers; nil after the end.
    @discardableResult
    func subscribe(_ kind: RedisSubscription, to channels: [String]) -> UInt64? {
        guard hasRoom() else { return nil }
        return request { session.subscribe(kind, to: channels.map { Array($0.utf8) }) }
    }

    /// Ends subscriptions, at least one. Has no effect after the end.
    /// - Returns: the number of the command, to which its answer refers; nil after the end.
    @discardableResult
    func unsubscribe(_ kind: RedisSubscription, from channels: [String]) -> UInt64? {
        guard hasRoom() else { return nil }
        return request { session.unsubscribe(kind, from: channels.map { Array($0.utf8) }) }
    }

    /// Asks for an answer. Has no effect if the session is not ready, or has no room.
    /// - Returns: the number of the command, to which the answer refers; nil if there is none.
    func ping() -> UInt64? {
        request { session.ping() }
    }

    /// Closes at once, without an event.
    /// - Parameter isGivenUp: true to discard what the server has not received.
    func close(isGivenUp: Bool = false) {
        guard !hasEnded else { return }
        hasEnded = true
        if let timer { loop.cancelTimer(timer) }
        if isGivenUp { socket?.reset() } else { socket?.close() }
        socket = nil
        session.end()
    }

    /// Ends the connection if too many commands wait for their answers.
    private func hasRoom() -> Bool {
        guard !hasEnded, session.isReady else { return false }
        if session.room > 0 { return true }
        end("too many commands wait for their answers")
        return false
    }

    private func request(_ send: () -> UInt64?) -> UInt64? {
        let wasIdle = session.openAnswers == 0
        let number = send()
        flush()
        if wasIdle { noteProgress() }
        return number
    }

    private func noteProgress() {
        watch.progressed(at: loop.now, sent: socket?.queuedBytes ?? 0)
    }

    private func flush() {
        socket?.send(session.takeOutput())
    }

    private func end(_ reason: String, _ failure: RedisFailure? = nil) {
        guard !hasEnded else { return }
        close(isGivenUp: isPublisher)
        handle(.ended(reason: reason, failure))
    }
}

extension RedisConnection: OutgoingConnectionHandler {
    func connectionOpened() {
        session.start()
        flush()
    }

    func connectionRead(_ bytes: RawSpan) {
        noteProgress()
        for event in session.receive(bytes) {
            guard !hasEnded else { return }
            if case .failed(let failure) = event { return end("\(failure)", failure) }
            handle(.session(event))
        }
        flush()
    }

    func connectionEnded(_ reason: String) {
        end(reason)
    }
}

extension RedisConnection: TimerTarget {
    func timerFired(at now: ContinuousClock.Instant) {
        let isOverdue = watch.isOverdue(
            at: now, isReady: session.isReady, isWaiting: session.openAnswers > 0,
            acknowledged: socket?.acknowledgedBytes ?? 0)
        guard !isOverdue else {
            timer = nil
            return end("the server did not answer in time")
        }
        if session.isReady, session.openAnswers == 0 {
            _ = ping()
        }
        timer = loop.startTimer(at: watch.nextCheck, self)
    }
}
