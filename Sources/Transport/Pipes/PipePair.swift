/// Two pipes to another process, one for each direction, on this process's loop. Neither side ever stops reading.
///
/// ``send(_:)`` writes at once, and queues what the kernel refuses until the pipe is writable. The owner bounds the
/// queue by checking ``pendingBytes`` and ``stalledSince``.
package final class PipePair {
    /// The descriptors of one side.
    package struct Ends: Sendable {
        /// The end to read from.
        package let reading: CInt
        /// The end to write to.
        package let writing: CInt
        private let machine: any Machine

        package init(reading: CInt, writing: CInt, on machine: any Machine) {
            self.reading = reading
            self.writing = writing
            self.machine = machine
        }

        /// Closes both descriptors.
        package func close() {
            machine.close(reading)
            machine.close(writing)
        }
    }

    /// The most reads in one turn, so that other descriptors are served too.
    private static let readsPerTurn = 16

    private let loop: EventLoop
    private var ends: Ends?
    private weak var handler: (any PipeHandler)?
    private var queue: [[UInt8]] = []
    private var offset = 0
    /// The capacity in bytes of the pipe that is read from.
    private let capacity: Int
    /// The number of bytes that the kernel has not accepted.
    package private(set) var pendingBytes = 0
    /// The time since which the kernel has accepted nothing while bytes wait; nil if none wait.
    package private(set) var stalledSince: ContinuousClock.Instant?

    /// The registered handlers. They retain the pipe pair while the loop watches it.
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

    /// Makes two pipes, and returns the ends of each side.
    /// - Parameter capacity: the requested capacity of each pipe in bytes.
    /// - Throws: ``SystemError`` if no descriptor is left.
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

    /// Takes ownership of one side's ends.
    /// - Parameter ends: non-blocking descriptors, closed by ``close()`` or when the pair is released.
    package init(_ ends: Ends, on loop: EventLoop) {
        self.ends = ends
        self.loop = loop
        capacity = loop.machine.adoptPipes(
            reading: ends.reading, writing: ends.writing, capacity: loop.limits.pipe)
    }

    deinit {
        ends?.close()
    }

    /// True until the pipes are closed.
    package var isOpen: Bool { ends != nil }

    /// Begins to read. Called on the loop.
    /// - Throws: ``SystemError`` if the loop cannot watch the pipes.
    package func open(for handler: any PipeHandler) throws(SystemError) {
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

    /// Reads until a read would block, but at most the capacity of the pipe.
    package func readAvailable() {
        guard isOpen else { return }
        var rest = capacity
        while rest > 0 {
            let count = readOnce()
            guard count > 0 else { return }
            rest -= count
        }
    }

    /// - Returns: the number of bytes read; 0 if none were available or the pipe has ended.
    private func readOnce() -> Int {
        guard let ends else { return 0 }
        let (machine, buffers) = (loop.machine, loop.sharedBuffers)
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

    /// Sends bytes after all bytes sent before.
    package func send(_ bytes: [UInt8]) {
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
            // Treat a failed write like a full pipe: the reader has closed this pipe, and the end of the other pipe
            // will notify the owner.
            guard case .moved(let count) = result, count > 0 else { return waitForSpace() }
            stalledSince = nil
            pendingBytes -= count
            self.offset += count
            if self.offset == first.count {
                self.offset = 0
                queue.removeFirst()
            }
            handler?.pipeWrote(count)
        }
        guard let ends else { return }
        loop.setInterest([], of: ends.writing)
        handler?.pipeAccepted()
    }

    /// Stops watching this pipe, which will not become writable. The end of the other pipe notifies the owner.
    private func readerIsGone() {
        guard let ends else { return }
        loop.deregister(ends.writing)
    }

    private func waitForSpace() {
        guard let ends else { return }
        if stalledSince == nil { stalledSince = loop.now }
        loop.setInterest(.writable, of: ends.writing)
    }

    /// Closes both directions. The handler is not notified.
    package func close() {
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

/// The receiver of a pipe's input and events.
package protocol PipeHandler: AnyObject {
    /// Handles the bytes of one read. They are valid only during the call.
    func pipeRead(_ bytes: RawSpan)
    /// The other side has closed the pipe, or reading failed. All bytes that it wrote were delivered before. No call
    /// follows.
    func pipeEnded()
    /// The kernel has accepted more of the bytes sent.
    func pipeWrote(_ count: Int)
    /// The kernel has accepted all bytes sent so far.
    func pipeAccepted()
}

extension PipeHandler {
    package func pipeWrote(_ count: Int) {}
}
