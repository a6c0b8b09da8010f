import Glibc

/// Why a channel is over.
enum ChannelEnd: Equatable {
    /// The peer closed its side.
    case endOfFile
    /// Reading or writing failed, or the peer reset the connection.
    case failed(SystemError)
}

/// What lives on top of a channel.
protocol ChannelHandler: AnyObject {
    /// Bytes arrived. They are gone when the call returns.
    func channelRead(_ bytes: RawSpan)
    /// The channel is closed; nothing follows. Not called when this side closed it.
    func channelEnded(_ end: ChannelEnd)
    /// What the kernel had refused is written; ``Channel/pendingBytes`` fell to or below the low-water mark.
    func channelDrained()
}

/// How many channels of a server are open.
final class ChannelGauge {
    var open = 0 {
        didSet { if open == 0 { becameEmpty?() } }
    }
    /// Called when the last channel has closed.
    var becameEmpty: (() -> Void)?
}

/// One connected stream socket on a loop: reads into the loop's buffer, writes once a turn.
///
/// `send` only queues; the end of the turn writes everything queued with as few calls as possible. What the kernel
/// refuses stays queued until the socket is writable. The owner bounds the queue by looking at ``pendingBytes``.
final class Channel: EventHandler, TurnHandler, TimerTarget {
    /// ``ChannelHandler/channelDrained()`` is called when the queue falls to this many bytes.
    static let lowWaterMark = 64 * 1024
    /// Beyond this many bytes a turn does not wait for its end to write: what then still waits is what the kernel refuses,
    /// and not what nobody has offered it.
    private static let eagerMark = 128 * 1024
    /// How long a closing channel waits for the peer to take what is queued, and then for the peer to close.
    static let lingerTimeout = Duration.seconds(5)

    /// How many segments may wait before those of at most `tinySize` bytes are joined to ones of at most `joinedSize`.
    private static let tinyLimit = 16
    private static let tinySize = 64
    private static let joinedSize = 1024

    private enum Phase {
        case open
        /// Everything queued is written first; nothing more is read or queued.
        case flushing
        /// Our side is shut; what still arrives is dropped, so that the peer gets our last bytes and not a reset.
        case lingering
        case closed
    }

    let loop: EventLoop
    private let gauge: ChannelGauge
    private var descriptor: CInt
    private var handler: (any ChannelHandler)?

    private var head: [UInt8] = []
    private var headOffset = 0
    private var rest: [[UInt8]] = []
    private(set) var pendingBytes = 0

    private var isReading = true
    /// Reading waits until the loop goes on with it.
    private var isReadHeld = false
    private var isWaitingForSpace = false
    /// More than the low-water mark has waited, and the handler has not been told of its end.
    private var owesDrained = false
    private var isFlushRequested = false
    /// Nothing is written before the end of the turn.
    private var isHeldBack = false
    private var phase = Phase.open
    private var lingerTimer: EventLoop.TimerToken?

    init(descriptor: CInt, loop: EventLoop, gauge: ChannelGauge) {
        self.descriptor = descriptor
        self.loop = loop
        self.gauge = gauge
        gauge.open += 1
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    /// Whether this side may still send.
    var isOpen: Bool { phase == .open }

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
            isReading ? (isReadHeld ? [] : [.readable]) : phase == .flushing ? [] : [.peerClosed]
        if isWaitingForSpace { mask.insert(.writable) }
        return mask
    }

    private func updateInterest() {
        guard phase != .closed else { return }
        loop.setInterest(interest, of: descriptor)
    }

    func ready(for events: EventMask) {
        // At the end of the turn: what this turn has added belongs behind what it tells the hub.
        if events.contains(.writable) { becameWritable() }
        if isReading, !events.isDisjoint(with: [.readable, .failed]) {
            if loop.holdsWrites, phase == .open, events.isDisjoint(with: .failed) { return holdReading() }
            read()
        } else if !events.isDisjoint(with: [.peerClosed, .failed]) {
            end(.endOfFile)
        }
    }

    private func holdReading() {
        guard !isReadHeld else { return }
        isReadHeld = true
        updateInterest()
        loop.hold(self)
    }

    /// The loop reads again.
    func goOnReading() {
        isReadHeld = false
        updateInterest()
    }

    private func becameWritable() {
        if loop.holdsWrites {
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
        let descriptor = descriptor
        let count = buffers.input.withUnsafeMutableBytes { Glibc.recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count > 0 {
            guard phase == .open else { return }
            let input = buffers.input
            handler?.channelRead(input.span.bytes.extracting(first: count))
        } else if count == 0 {
            end(.endOfFile)
        } else if errno != EAGAIN && errno != EINTR {
            end(.failed(SystemError("recv")))
        }
    }

    // MARK: Writing

    /// Queues bytes for the end of this turn.
    func send(_ bytes: [UInt8]) {
        guard phase == .open, !bytes.isEmpty else { return }
        pendingBytes += bytes.count
        if head.isEmpty { head = bytes } else { queue(bytes) }
        if pendingBytes > Self.lowWaterMark { owesDrained = true }
        requestFlush()
        if pendingBytes > Self.eagerMark, !isWaitingForSpace, !isHeldBack, !loop.holdsWrites { writeEagerly() }
    }

    /// Leaves everything queued to the end of the turn, where it is written behind what the turn tells the hub.
    func holdBack() {
        isHeldBack = true
        requestFlush()
    }

    /// Writes what the kernel takes now. A failure is left to the end of the turn: the caller must not be entered again.
    private func writeEagerly() {
        while pendingBytes > 0 {
            let written = writeOnce()
            guard written > 0 else {
                isWaitingForSpace = written < 0 && errno == EAGAIN
                return updateInterest()
            }
            drop(written)
        }
    }

    /// An array of two bytes takes thirty times as much memory. Where many wait, such as the pongs of a client that
    /// reads nothing, tiny ones are joined; the others stay shared with the connections that get the same.
    private func queue(_ bytes: [UInt8]) {
        if rest.count >= Self.tinyLimit, bytes.count <= Self.tinySize {
            let last = rest.count - 1
            if rest[last].count + bytes.count <= Self.joinedSize { return rest[last].append(contentsOf: bytes) }
        }
        rest.append(bytes)
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

    private func flush() {
        while phase != .closed, pendingBytes > 0 {
            let written = writeOnce()
            if written < 0 {
                if errno == EINTR { continue }
                guard errno == EAGAIN else { return end(.failed(SystemError("send"))) }
                break
            }
            drop(written)
        }
        guard phase != .closed else { return }
        let mustWait = pendingBytes > 0
        if mustWait != isWaitingForSpace {
            isWaitingForSpace = mustWait
            updateInterest()
        }
        if phase == .flushing {
            if !mustWait { linger() }
        } else if owesDrained, pendingBytes <= Self.lowWaterMark {
            owesDrained = false
            handler?.channelDrained()
        }
    }

    /// Writes the head alone when it is all there is or large, else the head and its successors joined.
    private func writeOnce() -> Int {
        let flags = CInt(MSG_NOSIGNAL)
        if rest.isEmpty || head.count - headOffset >= LoopBuffers.joinLimit {
            return head.withUnsafeBytes { bytes in
                let unsent = UnsafeRawBufferPointer(rebasing: bytes[headOffset...])
                return Glibc.send(descriptor, unsent.baseAddress, unsent.count, flags)
            }
        }
        let buffers = loop.lentBuffers
        buffers.output.removeAll(keepingCapacity: true)
        buffers.output.append(contentsOf: head[headOffset...])
        for segment in rest {
            guard segment.count < LoopBuffers.joinLimit, buffers.output.count < 3 * LoopBuffers.joinLimit else { break }
            buffers.output.append(contentsOf: segment)
        }
        return buffers.output.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
    }

    /// Forgets the first `count` queued bytes.
    private func drop(_ count: Int) {
        pendingBytes -= count
        guard pendingBytes > 0 else {
            head = []
            headOffset = 0
            rest = []
            return
        }
        headOffset += count
        guard headOffset >= head.count else { return }
        headOffset -= head.count
        var gone = 0
        while headOffset >= rest[gone].count {
            headOffset -= rest[gone].count
            gone += 1
        }
        head = rest[gone]
        rest.removeFirst(gone + 1)
    }

    // MARK: Ending

    /// Closes once everything queued is written; nothing more is read or queued.
    func closeAfterFlush() {
        guard phase == .open else { return }
        phase = .flushing
        handler = nil
        setReading(false)
        lingerTimer = loop.startTimer(at: loop.now + Self.lingerTimeout, self)
        if pendingBytes == 0 { linger() } else { requestFlush() }
    }

    private func linger() {
        phase = .lingering
        Glibc.shutdown(descriptor, CInt(SHUT_WR))
        setReading(true)
    }

    func timerFired(at now: ContinuousClock.Instant) {
        lingerTimer = nil
        close()
    }

    /// Closes at once.
    func close() {
        guard phase != .closed else { return }
        phase = .closed
        if let lingerTimer { loop.cancelTimer(lingerTimer) }
        gauge.open -= 1
        loop.deregister(descriptor)
        Glibc.close(descriptor)
        descriptor = -1
        head = []
        rest = []
        pendingBytes = 0
        handler = nil
    }

    func loopEnded() {
        end(.endOfFile)
    }

    private func end(_ end: ChannelEnd) {
        let handler = handler
        close()
        handler?.channelEnded(end)
    }
}
