/// A connected stream socket on a loop. It reads into the loop's buffer and writes once a turn.
///
/// ``send(_:)`` queues bytes, and the end of the turn writes the queue with as few system calls as possible. Bytes that
/// the kernel refuses stay queued until the socket is writable. The owner bounds the queue by checking
/// ``pendingBytes``.
final class Channel: EventHandler, TurnHandler, TimerTarget {
    let loop: EventLoop
    private(set) var openChannels: OpenCount
    var descriptor: CInt
    var phase = ChannelPhase.accepted
    var output = ChannelOutput.idle
    var queue = SendQueue()
    /// The number of bytes received since the connection was accepted.
    private(set) var receivedBytes = 0

    /// Takes ownership of an accepted connection.
    /// - Parameters:
    ///   - descriptor: a connected socket, closed by the channel.
    ///   - openChannels: counts the open channels of the server.
    init(accepted descriptor: CInt, loop: EventLoop, openChannels: OpenCount) {
        self.descriptor = descriptor
        self.loop = loop
        self.openChannels = openChannels
        openChannels.open += 1
    }

    /// Takes ownership of a connection that another process has passed on. The kernel may still hold output of that
    /// process, which counts as written here.
    init(passed descriptor: CInt, loop: EventLoop, openChannels: OpenCount) {
        self.descriptor = descriptor
        self.loop = loop
        self.openChannels = openChannels
        queue = SendQueue(written: loop.machine.unacknowledgedBytes(of: descriptor))
        openChannels.open += 1
    }

    deinit {
        if descriptor >= 0 { loop.machine.close(descriptor) }
    }

    /// True while this side may send.
    var isOpen: Bool {
        if case .open = phase { true } else { false }
    }

    /// True if the socket is closed.
    var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// True if the peer has ended its side and all of its bytes have been read.
    var hasPeerEnded: Bool {
        if case .open(let open) = phase { open.peer == .read } else { false }
    }

    /// The number of queued bytes that the kernel has not accepted.
    var pendingBytes: Int { queue.count }

    /// True if bytes wait because the kernel has refused them. Bytes that only wait for the end of the turn do not
    /// count.
    var isBlocked: Bool { output.isRefused && pendingBytes > 0 }

    /// The number of bytes sent since the connection was accepted, queued ones included.
    var queuedBytes: Int { queue.written + queue.count }

    /// The number of bytes that the peer's TCP has acknowledged. A system call.
    var acknowledgedBytes: Int { queue.written - unacknowledgedBytes }

    /// The number of bytes that the kernel holds for the peer. A system call.
    var unacknowledgedBytes: Int { loop.machine.unacknowledgedBytes(of: descriptor) }

    /// Begins to read.
    /// - Throws: ``SystemError`` if the loop cannot watch the socket.
    func open(for handler: any ChannelHandler) throws(SystemError) {
        guard case .accepted = phase else { return }
        phase = .open(ChannelPhase.Open(handler: handler))
        try loop.register(descriptor, for: interest, self)
    }

    /// Counts the open connection in another count from now on.
    func count(in count: OpenCount) {
        guard isOpen, count !== openChannels else { return }
        // In this order, because a server that closes waits until nothing is open.
        count.open += 1
        openChannels.open -= 1
        openChannels = count
    }

    /// Makes another protocol's handler receive the bytes that arrive from now on, and all other calls.
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
        // Do not write before the end of the turn: output added in this turn must follow the work of the phase
        // `beforeWrites`.
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

    /// Stops or resumes reading. The end of the connection is noticed either way.
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

    /// Reads again, because the loop has resumed its connections.
    func resumeReading() {
        setPaused(false)
    }

    private func setPaused(_ isPaused: Bool) {
        guard case .open(var open) = phase else { return }
        open.isPaused = isPaused
        phase = .open(open)
        updateInterest()
    }

    /// - Parameter handler: receives the bytes; nil discards them.
    private func read(for handler: (any ChannelHandler)?) {
        let buffers = loop.sharedBuffers
        let (machine, descriptor) = (loop.machine, descriptor)
        switch buffers.input.withUnsafeMutableBytes({ machine.receive(from: descriptor, into: $0) }) {
        case .moved(0): readEnd()
        case .moved(let count):
            openChannels.receivedBytes += count
            receivedBytes += count
            let input = buffers.input
            handler?.channelRead(input.span.bytes.extracting(first: count))
        case .wouldBlock: break
        case .failed(let error): end(.failed(error))
        }
    }

    /// Handles the end of the peer's side while this side does not read.
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

    /// Queues bytes to be written at the end of this turn. Long queues are written earlier.
    func send(_ bytes: [UInt8]) {
        guard isOpen, !bytes.isEmpty else { return }
        queue.append(bytes)
        if pendingBytes > loop.limits.lowWater { requireDrainReport() }
        schedule(.scheduled)
        if output == .scheduled, pendingBytes > loop.limits.eagerWrite, !loop.connectionsArePaused { writeEagerly() }
    }

    /// Makes the end of this turn, or a later one, call ``ChannelHandler/channelWritten()`` as soon as the kernel has
    /// accepted everything that is queued.
    func reportWhenWritten() {
        guard case .open(var open) = phase else { return }
        open.mustReportWritten = true
        phase = .open(open)
    }

    private func requireDrainReport() {
        guard case .open(var open) = phase, !open.mustReportDrained else { return }
        open.mustReportDrained = true
        phase = .open(open)
    }

    /// Holds all output of this turn until the phase `beforeWrites` is done, even if much is queued.
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
        // While the connections are paused, stop watching for writability. Otherwise the loop would report the socket
        // in every turn.
        output = .scheduled
        updateInterest()
    }

    /// Writes what the kernel accepts now. The end of the turn handles a failure: notifying the handler here could
    /// re-enter the caller.
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
        let result = queue.write(to: descriptor, on: loop.machine, joiningIn: loop.sharedBuffers)
        if case .moved(let count) = result { openChannels.sentBytes += count }
        return result
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
        case .open(var open) where open.mustReportWritten && pendingBytes == 0:
            open.mustReportWritten = false
            phase = .open(open)
            open.handler.channelWritten()
        case .open(var open) where open.mustReportDrained && pendingBytes <= loop.limits.lowWater:
            open.mustReportDrained = false
            phase = .open(open)
            open.handler.channelDrained()
        case .closing(.flushing, let period) where pendingBytes == 0:
            shutDownSending(period)
        case .accepted, .open, .closing, .closed: break
        }
    }
}

/// The condition for the next write of a ``Channel``.
enum ChannelOutput {
    /// Nothing is queued.
    case idle
    /// Write at the end of this turn, or earlier if much is queued.
    case scheduled
    /// Write at the end of this turn and no earlier.
    case deferred
    /// Write once the socket is writable.
    case blocked
    /// Write at the end of this turn. The kernel has refused bytes before, and may have space again by then.
    case retrying

    /// True if the kernel has refused bytes.
    var isRefused: Bool { self == .blocked || self == .retrying }
}
