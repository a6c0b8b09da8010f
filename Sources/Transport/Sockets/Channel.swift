/// One connected stream socket on a loop: reads into the loop's buffer, writes once a turn.
///
/// `send` only queues; the end of the turn writes everything queued with as few calls as possible. What the kernel
/// refuses stays queued until the socket is writable. The owner bounds the queue by looking at ``pendingBytes``.
final class Channel: EventHandler, TurnHandler, TimerTarget {
    private enum Phase {
        case open
        /// Everything queued is written first; nothing more is read or queued.
        case flushing
        /// Our side is shut; what still arrives is dropped, so that the peer gets our last bytes and not a reset.
        case lingering
        /// Both sides are shut, and the peer has not taken everything that the kernel holds for it.
        case abandoned
        case closed
    }

    let loop: EventLoop
    private let gauge: ChannelGauge
    private var descriptor: CInt
    private var handler: (any ChannelHandler)?

    private var queue = SendQueue()
    /// How many bytes have come since the beginning.
    private(set) var receivedBytes = 0

    private var isReading = true
    /// The peer has ended its side, and all it sent has been read.
    private(set) var hasPeerEnded = false
    /// The peer ended its side while nothing is read: told of it in every turn, the loop would never sleep.
    private var ignoresPeerClosed = false
    /// Reading waits until the loop goes on with it.
    private var isReadHeld = false
    private var isWaitingForSpace = false
    /// More than the low-water mark has waited, and the handler has not been told of its end.
    private var owesDrained = false
    private var isFlushRequested = false
    /// Nothing is written before the end of the turn.
    private var isHeldBack = false
    private var phase = Phase.open
    private var linger = Linger(acknowledged: 0)
    private var lingerTimer: EventLoop.TimerToken?

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
    var isOpen: Bool { phase == .open }

    /// The bytes that the kernel has not taken.
    var pendingBytes: Int { queue.count }

    /// Whether the kernel has refused bytes, and what waits does not only wait for the end of the turn.
    var isBlocked: Bool { isWaitingForSpace && pendingBytes > 0 }

    /// All bytes since the beginning, those that wait included.
    var queuedBytes: Int { queue.written + queue.count }

    /// How many of them the peer's TCP has acknowledged. A system call.
    var acknowledgedBytes: Int { queue.written - unacknowledgedBytes }

    /// How many bytes the kernel holds for the peer. A system call.
    private var unacknowledgedBytes: Int { loop.machine.unacknowledgedBytes(of: descriptor) }

    /// Begins to read. - Throws: ``SystemError`` when the loop cannot watch the socket.
    func start(_ handler: any ChannelHandler) throws(SystemError) {
        self.handler = handler
        try loop.register(descriptor, for: interest, self)
    }

    /// Hands what arrives from now on to another protocol on the same socket.
    func replaceHandler(_ handler: any ChannelHandler) {
        self.handler = handler
    }

    // MARK: Reading

    /// Stops or goes on reading. The end of the connection is noticed either way.
    func setReading(_ reading: Bool) {
        guard isReading != reading else { return }
        isReading = reading
        updateInterest()
    }

    private var interest: EventMask {
        var mask: EventMask =
            isReading ? (isReadHeld ? [] : [.readable]) : phase == .flushing || ignoresPeerClosed ? [] : [.peerClosed]
        if isWaitingForSpace { mask.insert(.writable) }
        return mask
    }

    private func updateInterest() {
        guard phase != .closed else { return }
        loop.setInterest(interest, of: descriptor)
    }

    func ready(for events: EventMask) {
        // At the end of the turn: what this turn has added belongs behind the work that comes before writes.
        if events.contains(.writable) { becameWritable() }
        if isReading, !events.isDisjoint(with: [.readable, .failed]) {
            if loop.connectionsArePaused, phase == .open, events.isDisjoint(with: .failed) { return holdReading() }
            read()
        } else if !events.isDisjoint(with: .failed) {
            end(.failed(.connectionReset))
        } else if events.contains(.peerClosed) {
            guard answersAfterEnd else { return end(.endOfFile) }
            ignoresPeerClosed = true
            updateInterest()
        }
    }

    private func holdReading() {
        guard !isReadHeld else { return }
        isReadHeld = true
        updateInterest()
        loop.addPausedReader(self)
    }

    /// The loop reads again.
    func resumeReading() {
        isReadHeld = false
        updateInterest()
    }

    private func becameWritable() {
        if loop.connectionsArePaused {
            // It would be told of in every turn until it may write.
            isWaitingForSpace = false
            updateInterest()
        }
        guard !isFlushRequested else { return }
        isFlushRequested = true
        loop.atEndOfTurn(.write, self)
    }

    private func read() {
        let buffers = loop.lentBuffers
        let (machine, descriptor) = (loop.machine, descriptor)
        switch buffers.input.withUnsafeMutableBytes({ machine.receive(from: descriptor, into: $0) }) {
        case .moved(0): readEnd()
        case .moved(let count):
            receivedBytes += count
            guard phase == .open else { return }
            let input = buffers.input
            handler?.channelRead(input.span.bytes.extracting(first: count))
        case .wouldBlock: break
        case .failed(let error): end(.failed(error))
        }
    }

    private var answersAfterEnd: Bool { phase == .open && handler?.answersAfterEnd == true }

    private func readEnd() {
        guard answersAfterEnd else { return end(.endOfFile) }
        hasPeerEnded = true
        ignoresPeerClosed = true
        setReading(false)
        handler?.channelPeerEnded()
    }

    // MARK: Writing

    /// Queues bytes for the end of this turn.
    func send(_ bytes: [UInt8]) {
        guard phase == .open, !bytes.isEmpty else { return }
        queue.append(bytes)
        if pendingBytes > loop.limits.lowWater { owesDrained = true }
        requestFlush()
        guard pendingBytes > loop.limits.eagerWrite, !isWaitingForSpace, !isHeldBack, !loop.connectionsArePaused else {
            return
        }
        writeEagerly()
    }

    /// Leaves everything queued to the end of the turn, behind the work that comes before writes.
    func deferWrites() {
        isHeldBack = true
        requestFlush()
    }

    /// Writes what the kernel takes now. A failure is left to the end of the turn: the caller must not be entered again.
    private func writeEagerly() {
        while pendingBytes > 0 {
            let result = write()
            if case .moved = result { continue }
            isWaitingForSpace = result == .wouldBlock
            return updateInterest()
        }
    }

    private func requestFlush() {
        guard !isFlushRequested, !isWaitingForSpace else { return }
        isFlushRequested = true
        loop.atEndOfTurn(.write, self)
    }

    func turnEnded() {
        isFlushRequested = false
        isHeldBack = false
        flush()
    }

    private func write() -> IOResult {
        queue.write(to: descriptor, on: loop.machine, joiningIn: loop.lentBuffers)
    }

    private func flush() {
        guard phase != .closed else { return }
        writing: while pendingBytes > 0 {
            switch write() {
            case .moved: continue
            case .wouldBlock: break writing
            case .failed(let error): return end(.failed(error))
            }
        }
        let mustWait = pendingBytes > 0
        if mustWait != isWaitingForSpace {
            isWaitingForSpace = mustWait
            updateInterest()
        }
        if phase == .flushing {
            if !mustWait { shutDownSending() }
        } else if owesDrained, pendingBytes <= loop.limits.lowWater {
            owesDrained = false
            handler?.channelDrained()
        }
    }

    // MARK: Ending

    /// Closes once everything queued is written; nothing more is read or queued. ``Linger`` says how long that may take.
    func closeAfterFlush() {
        guard phase == .open else { return }
        phase = .flushing
        handler = nil
        setReading(false)
        beginLinger()
        if pendingBytes == 0 { shutDownSending() } else { requestFlush() }
    }

    private func shutDownSending() {
        phase = .lingering
        loop.machine.shutDownSending(descriptor)
        setReading(true)
    }

    private func beginLinger() {
        linger = Linger(acknowledged: acknowledgedBytes)
        lingerTimer = loop.startTimer(at: loop.now + Linger.term, self)
    }

    func timerFired(at now: ContinuousClock.Instant) {
        lingerTimer = nil
        // The end of the stream waits like a byte of it.
        let held = unacknowledgedBytes
        switch linger.termEnded(acknowledged: queue.written - held, waiting: queue.count + held) {
        case .wait: lingerTimer = loop.startTimer(at: now + Linger.term, self)
        case .close: close()
        case .reset: reset()
        }
    }

    /// Closes at once, and what the peer has not taken is forgotten here and in the kernel.
    func reset() {
        close { loop.machine.reset($0) }
    }

    /// Resets, and tells the handler.
    func giveUp() {
        let handler = handler
        reset()
        handler?.channelEnded(.failed(.timedOut))
    }

    /// Closes at once. What the kernel has taken, it keeps until the peer does too.
    func close() {
        close { loop.machine.close($0) }
    }

    private func close(_ end: (CInt) -> Void) {
        guard phase != .closed else { return }
        leaveLoop()
        phase = .closed
        if let lingerTimer { loop.cancelTimer(lingerTimer) }
        end(descriptor)
        descriptor = -1
    }

    /// Nothing more is read or written; the socket is still there.
    private func leaveLoop() {
        guard phase != .abandoned else { return }
        gauge.open -= 1
        loop.deregister(descriptor)
        queue.clear()
        handler = nil
    }

    /// The peer sends nothing any more, and may wait for what the kernel has. The kernel waits for minutes, so we look after
    /// one that takes nothing.
    private func abandon() {
        if lingerTimer == nil { beginLinger() }
        loop.machine.shutDownSending(descriptor)
        leaveLoop()
        phase = .abandoned
    }

    func loopEnded() {
        let handler = handler
        close()
        handler?.channelEnded(.endOfFile)
    }

    private func end(_ end: ChannelEnd) {
        let handler = handler
        if end == .endOfFile, unacknowledgedBytes > 0 { abandon() } else { close() }
        handler?.channelEnded(end)
    }
}
