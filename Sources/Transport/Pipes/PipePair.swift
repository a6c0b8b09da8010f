/// Two pipes to another process on a loop, one in each direction. Neither side ever stops reading.
///
/// What is sent is written at once; what the kernel refuses stays queued until the pipe is writable. The owner bounds the
/// queue by looking at ``pendingBytes`` and ``stalledSince``.
public final class PipePair {
    /// The descriptors of one side.
    public struct Ends: Sendable {
        public let reading: CInt
        public let writing: CInt
        private let machine: any Machine

        package init(reading: CInt, writing: CInt, on machine: any Machine) {
            self.reading = reading
            self.writing = writing
            self.machine = machine
        }

        public func close() {
            machine.close(reading)
            machine.close(writing)
        }
    }

    /// One turn reads so often at most, so that others get their turn.
    private static let readsPerTurn = 16

    private let loop: EventLoop
    private var ends: Ends?
    private weak var handler: (any PipeHandler)?
    private var queue: [[UInt8]] = []
    private var offset = 0
    /// How many bytes the pipe that is read from can hold.
    private let capacity: Int
    /// The bytes that the kernel has not accepted.
    public private(set) var pendingBytes = 0
    /// Since when nothing was accepted while bytes wait; nil when none wait.
    public private(set) var stalledSince: ContinuousClock.Instant?

    /// While the loop watches them, these keep the pipe.
    private final class ReadingEnd: EventHandler {
        private let pipe: PipePair
        init(pipe: PipePair) { self.pipe = pipe }
        func ready(for events: EventMask) { pipe.readSome() }
    }

    private final class WritingEnd: EventHandler {
        private let pipe: PipePair
        init(pipe: PipePair) { self.pipe = pipe }
        func ready(for events: EventMask) {
            if !events.isDisjoint(with: .failed) { pipe.readerIsGone() } else { pipe.write() }
        }
    }

    /// Makes two pipes, and gives the ends of both sides.
    /// - Throws: ``SystemError`` when no descriptor is left.
    /// - Parameter capacity: how many bytes each should hold.
    package static func makeEnds(
        on machine: any Machine = LinuxMachine.shared, capacity: Int = Limits().pipe
    ) throws(SystemError) -> (Ends, Ends) {
        let first = try machine.makePipe(capacity: capacity)
        do {
            let second = try machine.makePipe(capacity: capacity)
            return (
                Ends(reading: first.reading, writing: second.writing, on: machine),
                Ends(reading: second.reading, writing: first.writing, on: machine)
            )
        } catch {
            machine.close(first.reading)
            machine.close(first.writing)
            throw error
        }
    }

    /// - Parameter ends: non-blocking descriptors, which the pipe closes at its end.
    public init(_ ends: Ends, on loop: EventLoop) {
        self.ends = ends
        self.loop = loop
        capacity = loop.machine.adoptPipes(
            reading: ends.reading, writing: ends.writing, capacity: loop.limits.pipe)
    }

    deinit {
        ends?.close()
    }

    public var isOpen: Bool { ends != nil }

    /// Begins to read. Called on the loop.
    /// - Throws: ``SystemError`` when the loop cannot watch the pipe.
    public func open(for handler: any PipeHandler) throws(SystemError) {
        guard let ends else { return }
        self.handler = handler
        try loop.register(ends.reading, for: .readable, ReadingEnd(pipe: self))
        try loop.register(ends.writing, for: [], WritingEnd(pipe: self))
    }

    // MARK: Reading

    private func readSome() {
        for _ in 0..<Self.readsPerTurn {
            guard readOnce() > 0 else { return }
        }
    }

    /// Reads what is there now, until a read would block, but no more than a pipe can hold.
    public func readAvailable() {
        guard isOpen else { return }
        var rest = capacity
        while rest > 0 {
            let count = readOnce()
            guard count > 0 else { return }
            rest -= count
        }
    }

    /// - Returns: how much was read; 0 when nothing is there, or the pipe has ended.
    private func readOnce() -> Int {
        guard let ends else { return 0 }
        let (machine, buffers) = (loop.machine, loop.lentBuffers)
        switch buffers.input.withUnsafeMutableBytes({ machine.read(from: ends.reading, into: $0) }) {
        case .moved(0), .failed: end()
        case .moved(let count):
            let input = buffers.input
            handler?.pipeRead(input.span.bytes.extracting(first: count))
            return count
        case .wouldBlock: break
        }
        return 0
    }

    private func end() {
        let handler = handler
        close()
        handler?.pipeEnded()
    }

    // MARK: Writing

    /// Sends bytes behind everything that was sent before.
    public func send(_ bytes: [UInt8]) {
        guard ends != nil, !bytes.isEmpty else { return }
        pendingBytes += bytes.count
        guard let last = queue.indices.last else {
            queue.append(bytes)
            return write()
        }
        if queue[last].count + bytes.count <= loop.limits.joinedPipeWrite {
            queue[last].append(contentsOf: bytes)
        } else {
            queue.append(bytes)
        }
    }

    private func write() {
        while let ends, let first = queue.first {
            let (machine, offset) = (loop.machine, offset)
            let result = first.withUnsafeBytes {
                machine.write(UnsafeRawBufferPointer(rebasing: $0[offset...]), to: ends.writing)
            }
            // Also when it has failed: a pipe without a reader has ended, and reading from the other one tells.
            guard case .moved(let count) = result, count > 0 else { return waitForSpace() }
            stalledSince = nil
            pendingBytes -= count
            self.offset += count
            guard self.offset == first.count else { continue }
            self.offset = 0
            queue.removeFirst()
        }
        guard let ends else { return }
        loop.setInterest([], of: ends.writing)
        handler?.pipeAccepted()
    }

    /// The end of the other pipe tells the owner; nothing is ready here any more.
    private func readerIsGone() {
        guard let ends else { return }
        loop.deregister(ends.writing)
    }

    private func waitForSpace() {
        guard let ends else { return }
        if stalledSince == nil { stalledSince = loop.now }
        loop.setInterest(.writable, of: ends.writing)
    }

    /// Closes both directions. The handler is not told.
    public func close() {
        guard let ends else { return }
        loop.deregister(ends.reading)
        loop.deregister(ends.writing)
        ends.close()
        self.ends = nil
        queue = []
        pendingBytes = 0
        stalledSince = nil
    }
}
