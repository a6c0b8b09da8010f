import Actors
import Transport

/// The hub's end of the pipes to one worker's process: one incarnation, from its hello to its end.
public actor PipeLink: HubLink {
    /// What becomes of the worker.
    public enum Event: Sendable {
        /// It accepts connections.
        case serving
        /// It takes too little or says nothing: its process has to be ended.
        case evicted(LinkEnd)
        /// The link is over, and the hub has handled everything that came by it.
        case ended(LinkEnd)
    }

    /// How long a worker may take nothing, or say nothing.
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
    ///   - patience: how long the worker may take nothing, or say nothing.
    ///   - report: called on the loop.
    public init(
        to hub: Hub, on loop: EventLoop, patience: Duration = PipeLink.patience,
        report: @escaping @Sendable (Event) -> Void
    ) {
        self.hub = hub
        self.loop = loop
        self.patience = patience
        self.report = report
    }

    /// Begins to listen to the worker. When the loop cannot watch the pipes, the link ends at once.
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

    /// Asks the worker to close every session and to exit.
    public func stop() {
        sendFrame(.stop)
    }

    /// Asks the worker to log its counters.
    public func askForReport() {
        sendFrame(.report)
    }

    /// The worker's process is gone: handles what it wrote before, and ends the link.
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
        // Before its hello it was not asked for anything: whoever started it judges how long that takes.
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
