/// An Engine.IO session: a logical connection to a client, over polling requests or a WebSocket.
///
/// It is confined to its loop and carries out the decisions of its `EngineStateMachine`.
public final class EngineSession: TimerTarget, TurnHandler, AccessOwner {
    /// The session id that requests carry.
    public let id: SessionID
    /// The request that opened the session.
    public private(set) var request: HTTPRequestHead
    /// The client's numeric address, as in ``HTTPExchange/peer`` for the request that opened the session.
    public let peer: String
    /// True if a program on this machine has opened the session itself. False behind a proxy on this machine, if the
    /// proxy adds header fields or passes on a host name.
    public let isLocal: Bool
    /// The session's transport. It may change from polling to WebSocket, and keeps its last value after the end.
    public internal(set) var transport: EngineTransport

    /// The public id of the client's first socket, which the handler sets. ``id`` is secret.
    package var publicID: SessionID?
    let server: EngineServer
    /// What the client's address uses; nil if it has no limits, and after the end.
    var address: AddressUse?
    /// The loop that the session is confined to.
    package var loop: EventLoop { server.loop }
    var machine: EngineStateMachine
    var handler: (any EngineSessionHandler)?
    var webSocket: WebSocketConnection?
    /// A WebSocket that probes to become the transport of this polling session.
    var probe: WebSocketConnection?
    /// The client's unanswered requests.
    var requests = Requests()
    /// The polling client's transfers.
    @Outlined var transfers: Transfers
    /// The value of ``WebSocketConnection/queuedBytes`` after the last ping was queued.
    var pingMark = 0
    private var timer: EventLoop.TimerToken?
    private(set) var isReading = true
    private var closeCode = WebSocketCloseCode.normal
    private var isFlushRequested = false
    /// True if the queue for the client's GETs was above the low-water mark and the handler has to be notified when it
    /// drains.
    var mustReportDrained = false
    /// The number of frames of ``probe`` without a message.
    var probeFrames: UInt16 = 0
    /// The limit on the bytes that wait for the client's GETs.
    private var limit: PendingLimit
    private let inputBudget: InputBudget
    private var heldInput = HeldInput()
    /// The size in bytes of the input that the handler has buffered and not processed, such as a packet whose
    /// attachments are missing. It counts towards the limit of unfinished input of all connections.
    public var handlerInput = 0 {
        didSet { noteInput() }
    }
    /// The size of ``request`` in bytes, as counted in ``EngineServer/keptRequestBytes``.
    var keptRequestBytes = 0

    init(id: SessionID, exchange: HTTPExchange, isWebSocket: Bool, server: EngineServer) {
        self.id = id
        self.request = exchange.request.head
        self.peer = exchange.peer
        isLocal = exchange.request.head.isLocal(fromPeer: exchange.peer)
        self.server = server
        transport = isWebSocket ? .webSocket : .polling
        inputBudget = exchange.inputBudget
        limit = PendingLimit(bytes: server.options.maxPending)
        machine = EngineStateMachine(
            options: server.options, limits: server.loop.limits, isWebSocket: isWebSocket, now: server.loop.now)
    }

    /// Attaches the handler and starts the heartbeat.
    func open(for handler: any EngineSessionHandler) {
        self.handler = handler
        noteInput()
        timerFired(at: server.loop.now)
    }

    /// Discards the parts of ``request`` that are not needed any more.
    func reduceRequest() {
        request = request.reduced(to: [])
    }

    /// Reports the buffered input. With a WebSocket, the connection counts the session's input together with its own.
    func noteInput() {
        let isOver = handler == nil
        webSocket?.sessionInput = isOver ? 0 : handlerInput
        heldInput.set(isOver || webSocket != nil ? 0 : handlerInput, in: inputBudget, by: self)
    }

    // MARK: Interface of the application

    /// Queues packets for the client. They are sent at the end of this turn, or with the client's next GET.
    public func send(_ frames: Frames) {
        if let webSocket {
            webSocket.send(frames.bytes)
        } else if machine.isPolling {
            limit.add(frames.bytes.count, toWaiting: machine.queue.byteCount)
            machine.enqueue(frames)
            if machine.queue.byteCount > server.loop.limits.lowWater { mustReportDrained = true }
            if machine.isPollWaiting || isOverLimit { requestFlush() }
        }
    }

    /// Queues packets that must not be sent before the end of this turn, because the client must not learn of them
    /// before the work of the phase `beforeWrites` is done.
    public func sendAtEndOfTurn(_ frames: Frames) {
        webSocket?.deferWrites()
        send(frames)
    }

    private var isOverLimit: Bool { limit.isExceeded(by: machine.queue.byteCount) }

    /// The number of bytes that wait for the client.
    public var pendingBytes: Int {
        webSocket?.pendingBytes ?? machine.queue.byteCount
    }

    /// Makes the handler learn when no more than the low-water mark waits for the client, if more waits now. That is
    /// reported in any case after packets were queued. But an answer to a GET that the client has not received counts
    /// again, so more may wait although nothing was queued.
    package func requireDrainReport() {
        if webSocket == nil, pendingBytes > server.loop.limits.lowWater { mustReportDrained = true }
    }

    /// Ends the session and notifies the handler. Output that waits for the client is still sent.
    /// - Parameters:
    ///   - reason: the reason that the handler gets.
    ///   - isFinal: true to send a polling client a close packet, after which some clients do not reconnect. If false,
    ///     its next request is rejected instead.
    public func close(_ reason: EngineCloseReason, isFinal: Bool = true) {
        if reason == .serverShuttingDown { closeCode = .goingAway }
        perform(machine.close(reason, isFinal: isFinal, at: server.loop.now))
    }

    /// Ends the session so that its client reconnects: by default, because the server is about to end, to another
    /// server or to this one's successor.
    /// - Parameters:
    ///   - reason: the reason that the handler gets.
    ///   - code: the reason that a client with a WebSocket gets.
    package func sendAway(
        _ reason: EngineCloseReason = .serverShuttingDown, code: WebSocketCloseCode = .serviceRestart
    ) {
        closeCode = code
        perform(machine.close(reason, isFinal: false, at: server.loop.now))
    }

    /// Stops or resumes reading from the client. While reading is stopped, the heartbeat's deadline is suspended.
    /// - Parameters:
    ///   - reading: true to resume.
    ///   - isForClient: true if reading is stopped until the client has received the output that waits for it. The
    ///     heartbeat's deadline then stays in force, and the client's progress postpones it.
    public func setReading(_ reading: Bool, isForClient: Bool = false) {
        guard !machine.isClosed else { return }
        machine.setReading(reading || isForClient, at: server.loop.now, progress: progress)
        guard reading != isReading else { return }
        isReading = reading
        if !reading { server.loop.observer?.noted(.heartbeatSuspended) }
        webSocket?.setReading(reading)
        if reading { answerPosts() }
    }

    // MARK: Output for the client's GETs

    /// Requests an answer to the waiting GET at the end of the turn.
    func requestFlush() {
        guard !isFlushRequested else { return }
        isFlushRequested = true
        server.loop.atEndOfTurn(.beforeWrites, self)
    }

    public func turnEnded() {
        isFlushRequested = false
        perform(machine.flushPoll())
        guard isOverLimit else { return }
        if !machine.isClosed { server.counters.overflows += 1 }
        server.loop.observer?.noted(.overflowed)
        perform(machine.abort(.transportError))
    }

    func noteDrained() {
        guard mustReportDrained, !machine.isClosed, pendingBytes <= server.loop.limits.lowWater else { return }
        mustReportDrained = false
        handler?.sessionDrained()
    }

    // MARK: Time

    public func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        if server.loop.mayHaveUnread { machine.extendDeadlines(at: now, progress: progress) }
        let (actions, next) = machine.due(at: now, progress: progress)
        perform(actions)
        // The end of the session has started a timer already.
        if timer == nil, let next { timer = server.loop.startTimer(at: next, self) }
    }

    public func loopEnded() {
        perform(machine.abandon())
    }

    func restartTimer() {
        cancelTimer()
        guard !server.loop.isCatchingUp else {
            // Until all pending input is read, no deadline is checked.
            timer = server.loop.startTimer(at: server.loop.now, self)
            return
        }
        timerFired(at: server.loop.now)
    }

    private func cancelTimer() {
        if let timer { server.loop.cancelTimer(timer) }
        timer = nil
    }

    // MARK: Actions

    /// Carries out actions in order.
    /// - Parameters:
    ///   - actions: the actions of the state machine.
    ///   - exchange: the request being handled, if any.
    func perform(_ actions: [EngineStateMachine.Action], for exchange: HTTPExchange? = nil) {
        for action in actions {
            switch action {
            case .deliver(let messages):
                server.counters.messages += messages.count
                handler?.sessionReceived(messages)
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
            case .sendQueueOnProbe: sendQueue(on: probe)
            case .closeProbe:
                probe?.close(closeCode)
                probe = nil
            case .restartTimer: restartTimer()
            case .sendPing:
                send(EnginePacket.ping)
                pingMark = webSocket?.queuedBytes ?? 0
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

    /// Tells the handler of packets without a message.
    func noteOtherPackets() {
        let others = machine.otherPackets
        guard others.count > 0 else { return }
        machine.otherPackets = OtherPackets()
        handler?.sessionReceived(otherPackets: others.count, byteCount: others.byteCount)
    }

    private func end(_ reason: EngineCloseReason) {
        let handler = handler
        self.handler = nil
        noteInput()
        server.ended(self, reason)
        if reason == .pingTimeout { server.loop.observer?.noted(.pingTimedOut) }
        if reason == .pingTimeout || reason == .transportError { transfers.giveUp(at: server.loop.now) }
        handler?.sessionEnded(reason)
        // The session reads nothing more, so the answers to its POSTs need not be withheld.
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
