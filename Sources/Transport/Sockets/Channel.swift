/// One connected stream socket on a loop: reads into the loop's buffer, writes once a turn.
///
/// `send` only queues; the end of the turn writes everything queued with as few calls as possible. What the kernel
/// refuses stays queued until the socket is writable. The owner bounds the queue by looking at ``pendingBytes``.
final class Channel: EventHandler, TurnHandler, TimerTarget {
    let loop: EventLoop
    let gauge: ChannelGauge
    var descriptor: CInt
    var phase = ChannelPhase.accepted
    var output = ChannelOutput.idle
    var queue = SendQueue()
    /// How many bytes have come since the beginning.
    private(set) var receivedBytes = 0

    /// - Parameter descriptor: a connected socket; it belongs to the channel from now on.
    init(accepted descriptor: CInt, loop: EventLoop, gauge: ChannelGauge) {
        self.descriptor = descriptor
        self.loop = loop
        self.gauge = gauge
        gauge.open += 1
    }

    deinit {
        if descriptor >= 0 { loop.machine.close(descriptor) }
    }

    /// Whether this side may still send.
    var isOpen: Bool {
        if case .open = phase { true } else { false }
    }

    /// Whether the peer has ended its side, and all it sent has been read.
    var hasPeerEnded: Bool {
        if case .open(let open) = phase { open.peer == .read } else { false }
    }

    /// The bytes that the kernel has not taken.
    var pendingBytes: Int { queue.count }

    /// Whether the kernel has refused bytes, and what waits does not only wait for the end of the turn.
    var isBlocked: Bool { output.isRefused && pendingBytes > 0 }

    /// All bytes since the beginning, those that wait included.
    var queuedBytes: Int { queue.written + queue.count }

    /// How many of them the peer's TCP has acknowledged. A system call.
    var acknowledgedBytes: Int { queue.written - unacknowledgedBytes }

    /// How many bytes the kernel holds for the peer. A system call.
    var unacknowledgedBytes: Int { loop.machine.unacknowledgedBytes(of: descriptor) }

    /// Begins to read. - Throws: ``SystemError`` when the loop cannot watch the socket.
    func open(for handler: any ChannelHandler) throws(SystemError) {
        guard case .accepted = phase else { return }
        phase = .open(ChannelPhase.Open(handler: handler))
        try loop.register(descriptor, for: interest, self)
    }

    /// Hands what arrives from now on to another protocol on the same socket.
    func replaceHandler(_ handler: any ChannelHandler) {
        guard case .open(var open) = phase else { return }
        open.handler = handler
        phase = .open(open)
    }

    private var interest: EventMask {
        output.isRefused ? phase.interest.union(.writable) : phase.interest
    }

    func updateInterest() {
        loop.setInterest(interest, of: descriptor)
    }

    func ready(for events: EventMask) {
        // At the end of the turn: what this turn has added belongs behind the work that comes before writes.
        if events.contains(.writable) { becameWritable() }
        let mayRead = !events.isDisjoint(with: [.readable, .failed])
        let hasFailed = !events.isDisjoint(with: .failed)
        switch phase {
        case .open(let open) where open.isReading:
            guard mayRead else { return }
            if loop.connectionsArePaused, !hasFailed { pauseReading(open) } else { read(for: open.handler) }
        case .closing(.lingering, _) where mayRead:
            read(for: nil)
        case .open, .closing:
            if hasFailed { end(.failed(.connectionReset)) } else if events.contains(.peerClosed) { noticePeerEnd() }
        case .accepted, .closed:
            break
        }
    }

    // MARK: Reading

    /// Stops or goes on reading. The end of the connection is noticed either way.
    func setReading(_ reading: Bool) {
        guard case .open(var open) = phase, open.isReading != reading else { return }
        open.isReading = reading
        phase = .open(open)
        updateInterest()
    }

    private func pauseReading(_ open: ChannelPhase.Open) {
        guard !open.isPaused else { return }
        setPaused(true)
        loop.addPausedReader(self)
    }

    /// The loop has resumed its connections.
    func resumeReading() {
        setPaused(false)
    }

    private func setPaused(_ isPaused: Bool) {
        guard case .open(var open) = phase else { return }
        open.isPaused = isPaused
        phase = .open(open)
        updateInterest()
    }

    /// - Parameter handler: nil drops what has come.
    private func read(for handler: (any ChannelHandler)?) {
        let buffers = loop.lentBuffers
        let (machine, descriptor) = (loop.machine, descriptor)
        switch buffers.input.withUnsafeMutableBytes({ machine.receive(from: descriptor, into: $0) }) {
        case .moved(0): readEnd()
        case .moved(let count):
            receivedBytes += count
            let input = buffers.input
            handler?.channelRead(input.span.bytes.extracting(first: count))
        case .wouldBlock: break
        case .failed(let error): end(.failed(error))
        }
    }

    /// The peer has ended its side while nothing is read.
    private func noticePeerEnd() {
        guard case .open(var open) = phase, open.handler.answersAfterEnd else { return end(.endOfFile) }
        if open.peer == .open { open.peer = .ended }
        phase = .open(open)
        updateInterest()
    }

    private func readEnd() {
        guard case .open(var open) = phase, open.handler.answersAfterEnd else { return end(.endOfFile) }
        open.peer = .read
        open.isReading = false
        phase = .open(open)
        updateInterest()
        open.handler.channelPeerEnded()
    }

    // MARK: Writing

    /// Queues bytes for the end of this turn.
    func send(_ bytes: [UInt8]) {
        guard isOpen, !bytes.isEmpty else { return }
        queue.append(bytes)
        if pendingBytes > loop.limits.lowWater { oweDrained() }
        schedule(.scheduled)
        if output == .scheduled, pendingBytes > loop.limits.eagerWrite, !loop.connectionsArePaused { writeEagerly() }
    }

    private func oweDrained() {
        guard case .open(var open) = phase, !open.owesDrained else { return }
        open.owesDrained = true
        phase = .open(open)
    }

    /// Leaves everything queued to the end of the turn, behind the work that comes before writes.
    func deferWrites() {
        if output == .scheduled { output = .deferred } else { schedule(.deferred) }
    }

    func schedule(_ next: ChannelOutput) {
        guard output == .idle else { return }
        output = next
        loop.atEndOfTurn(.write, self)
    }

    private func becameWritable() {
        guard output.isRefused else { return }
        if output == .blocked { loop.atEndOfTurn(.write, self) }
        output = .retrying
        guard loop.connectionsArePaused else { return }
        // It would be told of in every turn until it may write.
        output = .scheduled
        updateInterest()
    }

    /// Writes what the kernel takes now. A failure is left to the end of the turn: the caller must not be entered again.
    private func writeEagerly() {
        while pendingBytes > 0 {
            switch write() {
            case .moved: continue
            case .failed: return
            case .wouldBlock:
                output = .retrying
                return updateInterest()
            }
        }
    }

    private func write() -> IOResult {
        queue.write(to: descriptor, on: loop.machine, joiningIn: loop.lentBuffers)
    }

    func turnEnded() {
        writing: while pendingBytes > 0 {
            switch write() {
            case .moved: continue
            case .wouldBlock: break writing
            case .failed(let error): return end(.failed(error))
            }
        }
        let wasRefused = output.isRefused
        output = pendingBytes > 0 ? .blocked : .idle
        if output.isRefused != wasRefused { updateInterest() }
        noteWritten()
    }

    private func noteWritten() {
        switch phase {
        case .open(var open) where open.owesDrained && pendingBytes <= loop.limits.lowWater:
            open.owesDrained = false
            phase = .open(open)
            open.handler.channelDrained()
        case .closing(.flushing, let term) where pendingBytes == 0:
            shutDownSending(term)
        case .accepted, .open, .closing, .closed: break
        }
    }
}
