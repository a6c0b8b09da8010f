import Actors
import Transport

/// The hub's end of a link to one worker, over the pipes to its process or over a transport. The worker is attached to
/// the hub from its hello to the end of the link.
package actor PipeLink: HubLink {
    /// A change in the state of the worker.
    package enum Event: Sendable {
        /// The worker accepts connections.
        case serving
        /// The worker's metrics.
        case measured(MetricSamples)
        /// The worker reads too little or sends nothing, so its process must be ended.
        case evicted(LinkEnd)
        /// The link has ended, and the hub has handled everything that arrived on it.
        case ended(LinkEnd)
    }

    /// How long a worker may read nothing, or send nothing.
    package static let patience = Duration.seconds(10)

    private nonisolated let loop: EventLoop
    private let hub: Hub
    private let patience: Duration
    private let report: @Sendable (Event) -> Void
    private var pipe: FramePipe?
    private var incarnation: Incarnation?
    /// True for a link over a transport: no supervisor watches the worker, and bytes may be on their way.
    private var isRemote = false
    private var pings = PingCount()
    /// Counts the time without a hello from a remote worker.
    private var helloDelay: IdleTime
    /// Counts the time without an answer to the ping with which a remote worker's link is drained. Other bytes may
    /// arrive meanwhile, so it is not silence.
    private var drainDelay: IdleTime
    private var timer: LoopBound<EventLoop.TimerToken>?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - hub: the hub that the worker is attached to.
    ///   - loop: the hub's loop.
    ///   - patience: how long the worker may read nothing, or send nothing.
    ///   - report: called on the loop with each event.
    package init(
        to hub: Hub, on loop: EventLoop, patience: Duration = PipeLink.patience,
        report: @escaping @Sendable (Event) -> Void
    ) {
        self.hub = hub
        self.loop = loop
        self.patience = patience
        self.report = report
        helloDelay = IdleTime(limit: patience)
        drainDelay = IdleTime(limit: patience)
    }

    /// Starts to read from the worker. The link ends at once if the loop cannot watch the pipes.
    /// - Parameter ends: this process's ends of the pipes.
    package func start(_ ends: PipePair.Ends) {
        start(over: PipePair(ends, on: loop))
    }

    /// Starts to read from a worker whose process nobody supervises. An eviction then ends the link.
    func start(over transport: any LinkTransport) {
        isRemote = true
        start(over: TransportStream(transport, on: loop))
    }

    private func start(over stream: any LinkStream) {
        let pipe = FramePipe(stream, on: loop, patience: patience, awaitsHello: true)
        self.pipe = pipe
        guard !loop.hasEnded else { return end(.endOfFile) }
        do {
            try pipe.start(self)
            startTimer()
        } catch {
            end(.unwatched(error))
        }
    }

    /// Asks the worker to close every session and exit.
    package func stop() {
        sendFrame(.stop)
    }

    /// Asks the worker to send its clients away and exit.
    package func drain(_ plan: DrainPlan) {
        guard let pipe else { return }
        pipe.send(pipe.encoder.frame(.drain) { $0.append(plan) })
    }

    /// Asks the worker to log its counters.
    package func askForReport() {
        sendFrame(.report)
    }

    /// Asks the worker for its metrics.
    /// - Returns: false if there is no worker yet, or none any more.
    func measure() -> Bool {
        guard pipe != nil, incarnation != nil else { return false }
        sendFrame(.measure)
        return true
    }

    /// Ends the link after the worker's process has ended. The hub first handles everything that the worker wrote.
    package func finish() {
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

    nonisolated var pendingBytes: Int {
        assumeIsolated { $0.pipe?.pendingBytes ?? 0 }
    }

    nonisolated func drain() -> Bool {
        assumeIsolated { $0.drainPipe() }
    }

    private func drainPipe() -> Bool {
        guard isRemote else {
            pipe?.drain()
            return true
        }
        pings.send(isMarked: true)
        drainDelay.reset()
        sendFrame(.ping)
        return false
    }

    /// Never true for a remote worker, whose stream may be slower than the events for as long as it lasts. The limit of
    /// its queue bounds what waits for it.
    nonisolated var isCongested: Bool {
        assumeIsolated { link in !link.isRemote && link.pipe?.isCongested ?? false }
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
        case (.pong, let incarnation?):
            try reader.finish()
            if pings.answer() { hub.assumeIsolated { $0.drained(incarnation) } }
        case (.serving, _?):
            try reader.finish()
            report(.serving)
        case (.metrics, _?):
            let samples = try reader.metricSamples()
            try reader.finish()
            report(.measured(samples))
        default:
            throw .unexpectedFrame
        }
    }

    private func end(_ reason: LinkEnd) {
        guard pipe != nil else { return }
        abandon()
        report(.ended(reason))
    }

    private func evict(_ reason: LinkEnd) {
        report(.evicted(reason))
        // Later, because the hub may be sending over this link.
        if isRemote { loop.execute { self.assumeIsolated { $0.end(reason) } } }
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
            if pings.isMarked, drainDelay.tick() { pipe?.evict(.unanswered) }
            pings.send()
            sendFrame(.ping)
        } else if isRemote, helloDelay.tick() {
            pipe?.evict(.silent)
        }
        startTimer()
    }
}

extension PipeLink: FrameActor, TimerTarget {
    nonisolated func accepted() {
        assumeIsolated { link in link.hub.assumeIsolated { $0.linkDrained() } }
    }

    nonisolated func evicted(_ reason: LinkEnd) {
        assumeIsolated { $0.evict(reason) }
    }

    nonisolated func ended(_ reason: LinkEnd) {
        assumeIsolated { $0.end(reason) }
    }

    package nonisolated func timerFired(at now: ContinuousClock.Instant) {
        assumeIsolated { $0.ping() }
    }

    package nonisolated func loopEnded() {
        assumeIsolated { $0.abandon() }
    }
}
