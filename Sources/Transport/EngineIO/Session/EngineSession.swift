/// One Engine.IO session: a client's lasting connection, over polling requests or a WebSocket.
///
/// It belongs to its loop and carries out what its ``EngineStateMachine`` decides.
public final class EngineSession: TimerTarget, TurnHandler {
    /// The session's name in requests.
    public let id: SessionID
    /// The request that opened the session.
    public private(set) var request: HTTPRequestHead
    /// The client's numeric address.
    public let peer: String

    let server: EngineServer
    var machine: EngineStateMachine
    var handler: (any EngineSessionHandler)?
    var webSocket: WebSocketConnection?
    /// A WebSocket that asks to become the transport of this polling session.
    var probe: WebSocketConnection?
    /// The client's requests that have no answer yet.
    var requests = Requests()
    /// What is known of the client's transfers, for its heartbeat.
    var transfers = Transfers()
    private(set) var isReading = true
    private var closeCode = WebSocketCloseCode.normal
    private var isFlushRequested = false
    /// More than the low-water mark has waited for the client's GETs, and the handler has not been told of its end.
    var owesDrained = false
    /// What may wait for the client's GETs.
    private var limit: PendingLimit
    private var timer: EventLoop.TimerToken?
    private let inputBudget: InputBudget
    private var heldInput = HeldInput()
    /// The bytes of input that the handler keeps and has not dealt with, such as a packet whose attachments are due. They
    /// count for what unfinished input of all connections may take.
    public var handlerInput = 0 {
        didSet { noteInput() }
    }
    /// What the server counts of ``request``.
    var keptRequestBytes = 0

    init(id: SessionID, exchange: HTTPExchange, isWebSocket: Bool, server: EngineServer) {
        self.id = id
        self.request = exchange.request.head
        self.peer = exchange.peer
        self.server = server
        inputBudget = exchange.inputBudget
        limit = PendingLimit(bytes: server.options.maxPending)
        machine = EngineStateMachine(
            options: server.options, limits: server.loop.limits, isWebSocket: isWebSocket, now: server.loop.now)
    }

    /// Gives the session its handler and starts its heartbeat.
    func open(for handler: any EngineSessionHandler) {
        self.handler = handler
        noteInput()
        timerFired(at: server.loop.now)
    }

    /// Forgets what is not needed of the request that opened the session.
    func reduceRequest() {
        request = request.reduced(to: [])
    }

    /// A session on a WebSocket is judged together with it.
    func noteInput() {
        let isOver = handler == nil
        webSocket?.sessionInput = isOver ? 0 : handlerInput
        heldInput.set(isOver || webSocket != nil ? 0 : handlerInput, in: inputBudget, by: self)
    }

    // MARK: What the application does

    /// Queues packets for the client; they leave at the end of this turn, or with the client's next GET.
    public func send(_ frames: Frames) {
        if let webSocket {
            webSocket.send(frames.bytes)
        } else if machine.isPolling {
            limit.add(frames.bytes.count, toWaiting: machine.queue.byteCount)
            machine.enqueue(frames)
            if machine.queue.byteCount > server.loop.limits.lowWater { owesDrained = true }
            if machine.isPollWaiting || isOverLimit { requestFlush() }
        }
    }

    /// Queues packets that leave at the end of this turn and no earlier: the client must not know before the work that comes
    /// before writes is done.
    public func sendAtEndOfTurn(_ frames: Frames) {
        webSocket?.deferWrites()
        send(frames)
    }

    private var isOverLimit: Bool { limit.isExceeded(by: machine.queue.byteCount) }

    /// The bytes that wait for the client.
    public var pendingBytes: Int {
        webSocket?.pendingBytes ?? machine.queue.byteCount
    }

    /// Whether the client is connected by WebSocket.
    public var isWebSocket: Bool { machine.isWebSocket }

    /// Ends the session behind what waits for the client. The handler is told.
    /// - Parameter isFinal: whether a polling client is told by a close packet, after which some clients do not come back.
    ///   Else its next request is refused.
    public func close(_ reason: EngineCloseReason, isFinal: Bool = true) {
        if reason == .serverShuttingDown { closeCode = .goingAway }
        perform(machine.close(reason, isFinal: isFinal, at: server.loop.now))
    }

    /// Stops or goes on reading from the client. While it stops, the heartbeat's deadline is suspended.
    /// - Parameter isForClient: whether nothing is read until the client has taken what waits for it. Then it is judged all the
    ///   same, by what it takes.
    public func setReading(_ reading: Bool, isForClient: Bool = false) {
        guard !machine.isClosed else { return }
        machine.setReading(reading || isForClient, at: server.loop.now, progress: progress)
        guard reading != isReading else { return }
        isReading = reading
        if !reading { server.loop.observer?.noted(.heartbeatSuspended) }
        webSocket?.setReading(reading)
        if reading { answerPosts() }
    }

    // MARK: What waits for the client's GETs

    /// Answers the waiting GET at the end of the turn.
    func requestFlush() {
        guard !isFlushRequested else { return }
        isFlushRequested = true
        server.loop.atEndOfTurn(.beforeWrites, self)
    }

    public func turnEnded() {
        isFlushRequested = false
        perform(machine.flushPoll())
        guard isOverLimit else { return }
        server.loop.observer?.noted(.overflowed)
        perform(machine.abort(.transportError))
    }

    func noteDrained() {
        guard owesDrained, !machine.isClosed, pendingBytes <= server.loop.limits.lowWater else { return }
        owesDrained = false
        handler?.sessionDrained()
    }

    // MARK: Time

    public func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        if server.loop.mayHaveUnread { machine.reprieve(at: now, progress: progress) }
        let (actions, next) = machine.due(at: now, progress: progress)
        perform(actions)
        if let next { timer = server.loop.startTimer(at: next, self) }
    }

    public func loopEnded() {
        perform(machine.abandon())
    }

    func restartTimer() {
        cancelTimer()
        guard !server.loop.isCatchingUp else {
            // Nothing is judged before everything is read.
            timer = server.loop.startTimer(at: server.loop.now, self)
            return
        }
        timerFired(at: server.loop.now)
    }

    private func cancelTimer() {
        if let timer { server.loop.cancelTimer(timer) }
        timer = nil
    }

    // MARK: Carrying out

    /// - Parameter exchange: the request being handled, if one is.
    func perform(_ actions: [EngineStateMachine.Action], for exchange: HTTPExchange? = nil) {
        for action in actions {
            switch action {
            case .deliver(let messages): handler?.sessionReceived(messages)
            case .holdPoll: hold(poll: exchange)
            case .dropPoll: requests.dropPoll()
            case .answerPoll(let payload): answerPoll(payload)
            case .answerNoop: exchange?.respond(pollResponse([UInt8(ascii: "6")]))
            case .receivePost: receive(post: exchange)
            case .dropPost: requests.dropReceiving()
            case .answerPost: answer(post: exchange)
            case .refuse(let error): refuse(exchange, error)
            case .sendOnProbe(let text): probe?.send(Frames(text: text).bytes)
            case .adoptProbe: adoptProbe()
            case .closeProbe:
                probe?.close(.normal)
                probe = nil
            case .restartTimer: restartTimer()
            case .sendPing:
                send(EnginePacket.ping)
                transfers.pingMark = webSocket?.queuedBytes ?? 0
            case .closeWebSocket:
                webSocket?.close(closeCode)
                webSocket = nil
            case .resetWebSocket:
                webSocket?.reset()
                webSocket = nil
            case .end(let reason): end(reason)
            case .forget: forget()
            }
        }
    }

    private func end(_ reason: EngineCloseReason) {
        let handler = handler
        self.handler = nil
        noteInput()
        server.ended(self, reason)
        if reason == .pingTimeout { server.loop.observer?.noted(.pingTimedOut) }
        if reason == .pingTimeout || reason == .transportError { transfers.giveUp(at: server.loop.now) }
        handler?.sessionEnded(reason)
        // Nothing more is read, so no answer has to wait.
        isReading = true
        answerPosts()
        // A polling session that waits for its last GET has a new deadline.
        if machine.isClosed { restartTimer() }
    }

    private func forget() {
        cancelTimer()
        server.forget(self)
        for exchange in requests.takePosts() { exchange.respond(EngineError.badRequest.response()) }
    }
}

extension EngineSession: InputHolder {
    func resetForInput() {
        perform(machine.abort(.transportError))
    }

    func refuseInput() {
        resetForInput()
    }
}
