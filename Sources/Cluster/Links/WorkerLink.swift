import Actors
import Persistence
import Synchronization
import Transport

/// A worker's end of a link to the hub: over the pipes to the hub's process, or over a ``LinkTransport``.
///
/// When the link ends, for any reason, the worker must close its server: nothing could order its work any more. A link
/// cannot be resumed; a new server with a new link can take over, and its clients connect again.
public actor WorkerLink: Adapter {
    /// How long ``close()`` waits for the hub.
    private static let closingPatience = Duration.seconds(2)
    /// The number of the request with which ``close()`` waits. A worker never counts this far.
    private static let lastRequest = UInt64.max

    private nonisolated let loop: EventLoop
    private nonisolated let patience: Duration
    private nonisolated let welcome = Mutex<HubTerms?>(nil)
    private let makeStream: @Sendable () -> any LinkStream
    /// True for a link over a transport, whose end may go unnoticed unless the hub's pings are watched.
    private let isRemote: Bool
    private let commanded: @Sendable (Command) -> Void
    private let ended: @Sendable (LinkEnd) -> Void
    private var pipe: FramePipe?
    /// Weak, because the worker keeps its link.
    private weak var receiver: (any StreamReceiver)?
    /// The events that arrived before the receiver was ready. They may be other workers' events to all servers. nil
    /// once the receiver has them.
    private var earlyEvents: [HubEvent]? = []
    private var opening: CheckedContinuation<Void, any Error>?
    /// Waits until the hub has handled the last requests.
    private var closing: CheckedContinuation<Void, Never>?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - ends: this process's ends of the pipes.
    ///   - loop: the worker's loop.
    ///   - history: the stored messages; nil without a store.
    ///   - patience: how long the hub's process may read nothing.
    ///   - commanded: called on the loop with each command.
    ///   - ended: called on the loop when the link has ended.
    package init(
        _ ends: PipePair.Ends, on loop: EventLoop, history: (any History)?, patience: Duration = PipeLink.patience,
        commanded: @escaping @Sendable (Command) -> Void = { _ in },
        ended: @escaping @Sendable (LinkEnd) -> Void = { _ in }
    ) {
        makeStream = { PipePair(ends, on: loop) }
        isRemote = false
        self.loop = loop
        self.history = history
        self.patience = patience
        self.commanded = commanded
        self.ended = ended
    }

    /// Prepares a link to a hub that is connected by ``Hub/connect(over:ended:)``.
    /// - Parameters:
    ///   - transport: this side of the stream to the hub.
    ///   - loop: the worker's loop. It can have one link only: while the hub's side has not accepted all requests, the
    ///     link pauses the output of all connections of the loop, and after an unexpected end they stay paused.
    ///   - history: the messages that the hub stores, for sockets that catch up; nil without a store.
    ///   - ended: called on the loop when the link has ended. Close the server then.
    public init(
        over transport: any LinkTransport, on loop: EventLoop, history: (any History)? = nil,
        ended: @escaping @Sendable (LinkEnd) -> Void
    ) {
        self.init(over: transport, on: loop, history: history, patience: PipeLink.patience, ended: ended)
    }

    init(
        over transport: any LinkTransport, on loop: EventLoop, history: (any History)?, patience: Duration,
        ended: @escaping @Sendable (LinkEnd) -> Void
    ) {
        makeStream = { TransportStream(transport, on: loop) }
        isRemote = true
        self.loop = loop
        self.history = history
        self.patience = patience
        commanded = { _ in }
        self.ended = ended
    }

    /// Sends the hello and waits for the welcome. Create the server with this adapter only after this call returns.
    /// - Throws: ``LinkEnd`` if the link ends before the welcome; ``SystemError`` if the loop cannot watch the pipes.
    public func open() async throws {
        let pipe = FramePipe(makeStream(), on: loop, patience: patience)
        self.pipe = pipe
        try pipe.start(self)
        if isRemote { startTimer() }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            // The link may have ended while the task changed executors.
            guard pipe.isOpen else { return continuation.resume(throwing: LinkEnd.endOfFile) }
            opening = continuation
            pipe.send(pipe.encoder.frame(.hello) { $0.append(Hello()) })
        }
    }

    /// Ends the link after the server was closed. The hub keeps the sessions of its clients for recovery.
    ///
    /// First waits until the hub has handled every request that the server sent, for at most two seconds. A second call
    /// ends the wait.
    public func close() async {
        if welcome.withLock({ $0 }) != nil, closing == nil { await waitForHub() }
        guard let pipe else { return }
        self.pipe = nil
        pipe.close()
        opening?.resume(throwing: LinkEnd.endOfFile)
        opening = nil
        endWait()
    }

    /// Waits for the answer to a last request, because a stream that is closed may lose what its system has accepted.
    /// TCP does: if unread input remains, the system resets the connection and drops the output.
    private func waitForHub() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            guard pipe != nil else { return continuation.resume() }
            closing = continuation
            let wait = ClosingWait(of: self)
            // The server may have queued requests for the end of this turn.
            loop.atEndOfTurn(.beforeWrites, wait)
            _ = loop.startTimer(at: loop.now + min(patience, Self.closingPatience), wait)
        }
    }

    func sendLastRequest() {
        sendRequests([.countWorkers(Self.lastRequest)])
    }

    func endWait() {
        closing?.resume()
        closing = nil
    }

    /// Removes the answer to the last request, which is not for the receiver.
    private func takeLastAnswer(from events: [HubEvent]) -> [HubEvent] {
        guard closing != nil else { return events }
        let others = events.filter { event in
            if case .fetched(Self.lastRequest, _, _, _) = event { false } else { true }
        }
        if others.count < events.count { endWait() }
        return others
    }

    /// Tells the hub's process that this process accepts connections.
    package func serving() {
        sendFrame(.serving)
    }

    func sendFrame(_ kind: FrameKind, _ write: (inout WireWriter) -> Void = { _ in }) {
        guard let pipe else { return }
        pipe.send(pipe.encoder.frame(kind, write))
        pauseConnectionsIfBlocked()
    }

    // MARK: Adapter

    public nonisolated var terms: HubTerms {
        // A worker's server starts when its link has opened, with the hub's welcome.
        guard let terms = welcome.withLock({ $0 }) else { preconditionFailure("the link is not open yet") }
        return terms
    }

    public nonisolated let history: (any History)?

    public nonisolated func attach(_ receiver: any StreamReceiver) {
        assumeIsolated { $0.receiver = receiver }
        // The caller is still starting its server.
        loop.execute { self.assumeIsolated { $0.deliverEarlyEvents() } }
    }

    private func deliverEarlyEvents() {
        guard let events = earlyEvents else { return }
        earlyEvents = nil
        if !events.isEmpty { receiver?.receive(events) }
    }

    private func deliver(_ events: [HubEvent]) {
        guard let early = earlyEvents else { return receiver?.receive(events) ?? () }
        // A worker whose server has not started has requested nothing, so it may miss events. But a worker that asks a
        // question waits for the answers.
        let limit = receiver == nil ? max(0, loop.limits.earlyEvents - early.count) : events.count
        earlyEvents = early + events.prefix(limit)
        sendRequests(events.dropFirst(limit).compactMap(\.missedAnswer))
    }

    public nonisolated func submit(_ requests: [HubRequest]) {
        assumeIsolated { $0.sendRequests(requests) }
    }

    private func sendRequests(_ requests: [HubRequest]) {
        guard let pipe, !requests.isEmpty else { return }
        for frame in pipe.encoder.frames(.requests, of: requests, { $0.append($1) }) { pipe.send(frame) }
        pauseConnectionsIfBlocked()
    }

    /// Stops writing to clients until the pipe has accepted every request. A client must not learn of state that the
    /// hub cannot read yet: it may connect to another worker, which asks the hub.
    private func pauseConnectionsIfBlocked() {
        if let pipe, pipe.pendingBytes > 0 { loop.pauseConnections() }
    }

    // MARK: Frames

    func handle(_ frame: FrameDecoder.Frame) throws(CodecError) {
        var reader = WireReader(frame.body)
        switch frame.kind {
        case .welcome where opening != nil:
            let terms = try reader.welcome()
            try reader.finish()
            welcome.withLock { $0 = terms }
            opening?.resume()
            opening = nil
        case .events where opening == nil:
            let events = try reader.rest { reader throws(CodecError) in try reader.hubEvent() }
            deliver(takeLastAnswer(from: events))
        case .ping:
            try reader.finish()
            sendFrame(.pong)
        case .stop:
            try reader.finish()
            commanded(.stop)
        case .report:
            try reader.finish()
            commanded(.report)
        case .drain:
            let plan = try reader.drainPlan()
            try reader.finish()
            commanded(.drain(plan))
        case .measure:
            try reader.finish()
            commanded(.measure)
        case .hello, .welcome, .requests, .events, .pong, .serving, .metrics: throw .unexpectedFrame
        }
    }

    private func end(_ reason: LinkEnd) {
        guard pipe != nil else { return }
        // If sending a request overflows the queue, the link ends before the caller of `send` can pause the
        // connections, although the pipe has not accepted that request.
        pauseConnectionsIfBlocked()
        pipe?.close()
        // Connections stay paused: their output may describe requests that the hub never received.
        pipe = nil
        opening?.resume(throwing: reason)
        opening = nil
        endWait()
        ended(reason)
    }
}

extension WorkerLink: FrameActor {
    /// Begins to watch the hub's pings.
    private func startTimer() {
        guard let pipe else { return }
        _ = loop.startTimer(at: loop.now + pipe.silenceInterval, SilenceTimer(of: self))
    }

    func checkSilence() {
        pipe?.checkSilence()
        startTimer()
    }

    nonisolated func accepted() {
        loop.resumeConnections()
    }

    nonisolated func evicted(_ reason: LinkEnd) {
        assumeIsolated { $0.end(reason) }
    }

    nonisolated func ended(_ reason: LinkEnd) {
        assumeIsolated { $0.end(reason) }
    }

    nonisolated func loopEnded() {
        assumeIsolated { $0.end(.endOfFile) }
    }
}

extension HubEvent {
    /// The answer of a worker that drops the event; nil if nobody waits for one.
    fileprivate var missedAnswer: HubRequest? {
        guard case .inquired(let number, _) = self else { return nil }
        return .answer(InquiryReport(number: number, state: .incomplete))
    }
}
