import Actors
import Transport

/// The hub's end of the pipes to one worker's process. The worker is attached to the hub from its hello to the end of
/// the link.
public actor PipeLink: HubLink {
    /// A change in the state of the worker.
    public enum Event: Sendable {
        /// The worker accepts connections.
        case serving
        /// The worker reads too little or sends nothing, so its process must be ended.
        case evicted(LinkEnd)
        /// The link has ended, and the hub has handled everything that arrived on it.
        case ended(LinkEnd)
    }

    /// How long a worker may read nothing, or send nothing.
    public static let patience = Duration.seconds(10)

    private nonisolated let loop: EventLoop
    private let hub: Hub
    private let patience: Duration
    private let report: @Sendable (Event) -> Void
    private var pipe: FramePipe?
    private var incarnation: Incarnation?
    private var timer: LoopBound<EventLoop.TimerToken>?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - loop: the hub's loop.
    ///   - patience: how long the worker may read nothing, or send nothing.
    ///   - report: called on the loop with each event.
    public init(
        to hub: Hub, on loop: EventLoop, patience: Duration = PipeLink.patience,
        report: @escaping @Sendable (Event) -> Void
    ) {
        self.hub = hub
        self.loop = loop
        self.patience = patience
        self.report = report
    }

    /// Starts to read from the worker. The link ends at once if the loop cannot watch the pipes.
    /// - Parameter ends: this process's ends of the pipes.
    public func start(_ ends: PipePair.Ends) {
        let pipe = FramePipe(ends, on: loop, patience: patience)
        self.pipe = pipe
        do {
            try pipe.start(self)
            startTimer()
        } catch {
            end(.unwatched(error))
        }
    }

    /// Asks the worker to close every session and exit.
    public func stop() {
        sendFrame(.stop)
    }

    /// Asks the worker to log its counters.
    public func askForReport() {
        sendFrame(.report)
    }

    /// Ends the link after the worker's process has ended. The hub first handles everything that the worker wrote.
    public func finish() {
        pipe?.drain()
        end(.endOfFile)
    }

    private func sendFrame(_ kind: FrameKind) {
        guard let pipe else { return }
        pipe.send(pipe.encoder.frame(kind))
    }

    // MARK: Hub

    nonisolated func send(_ events: [HubEvent]) {
        assumeIsolated { link in
            guard let pipe = link.pipe else { return }
            for frame in pipe.encoder.frames(.events, of: events, { $0.append($1) }) { pipe.send(frame) }
        }
    }

    nonisolated func drain() {
        assumeIsolated { $0.pipe?.drain() }
    }

    nonisolated var isCongested: Bool {
        assumeIsolated { $0.pipe?.isCongested ?? false }
    }

    // MARK: Frames

    func handle(_ frame: FrameDecoder.Frame) throws(CodecError) {
        var reader = WireReader(frame.body)
        switch (frame.kind, incarnation) {
        case (.hello, nil):
            try reader.hello()
            try reader.finish()
            incarnation = hub.assumeIsolated { $0.attach(self) }
            if let pipe { pipe.send(pipe.encoder.frame(.welcome) { $0.append(hub.terms) }) }
        case (.requests, let incarnation?):
            let requests = try reader.rest { reader throws(CodecError) in try reader.hubRequest() }
            hub.assumeIsolated { $0.receive(requests, from: incarnation) }
        case (.pong, _?):
            try reader.finish()
        case (.serving, _?):
            try reader.finish()
            report(.serving)
        default:
            throw .unexpectedFrame
        }
    }

    private func end(_ reason: LinkEnd) {
        guard pipe != nil else { return }
        abandon()
        report(.ended(reason))
    }

    private func abandon() {
        pipe?.close()
        pipe = nil
        if let timer { loop.cancelTimer(timer.value) }
        timer = nil
        if let incarnation { hub.assumeIsolated { $0.detach(incarnation) } }
        incarnation = nil
    }

    // MARK: Time

    private func startTimer() {
        guard let pipe else { return }
        timer = LoopBound(loop.startTimer(at: loop.now + pipe.silenceInterval, self), to: loop)
    }

    private func ping() {
        timer = nil
        // Before its hello the worker does not have to answer. The supervisor limits how long a start takes.
        if incarnation != nil {
            pipe?.checkSilence()
            sendFrame(.ping)
        }
        startTimer()
    }
}

extension PipeLink: FrameActor, TimerTarget {
    nonisolated func accepted() {
        assumeIsolated { link in link.hub.assumeIsolated { $0.linkDrained() } }
    }

    nonisolated func evicted(_ reason: LinkEnd) {
        assumeIsolated { $0.report(.evicted(reason)) }
    }

    nonisolated func ended(_ reason: LinkEnd) {
        assumeIsolated { $0.end(reason) }
    }

    public nonisolated func timerFired(at now: ContinuousClock.Instant) {
        assumeIsolated { $0.ping() }
    }

    public nonisolated func loopEnded() {
        assumeIsolated { $0.abandon() }
    }
}
