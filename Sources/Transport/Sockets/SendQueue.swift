/// The bytes that wait for a socket, in the segments in which they were queued.
struct SendQueue {
    /// Once this many segments wait, segments of at most `tinySize` bytes are joined into segments of at most
    /// `joinedSize`.
    private static let tinyLimit = 16
    private static let tinySize = 64
    private static let joinedSize = 1024

    private var head: [UInt8] = []
    private var headOffset = 0
    private var rest: [[UInt8]] = []
    /// The number of bytes that wait.
    private(set) var count = 0
    /// The number of bytes that the kernel has accepted since the connection began.
    private(set) var written = 0

    /// - Parameter written: the number of bytes that count as accepted by the kernel at the beginning.
    init(written: Int = 0) {
        self.written = written
    }

    mutating func append(_ bytes: [UInt8]) {
        count += bytes.count
        if head.isEmpty { head = bytes } else { queue(bytes) }
    }

    /// Queues a segment. When many segments wait, such as the pongs for a client that does not read, tiny ones are
    /// joined, because a two-byte array takes thirty times its size in memory. Larger ones stay shared between
    /// recipients.
    private mutating func queue(_ bytes: [UInt8]) {
        if rest.count >= Self.tinyLimit, bytes.count <= Self.tinySize {
            let last = rest.count - 1
            if rest[last].count + bytes.count <= Self.joinedSize { return rest[last].append(contentsOf: bytes) }
        }
        rest.append(bytes)
    }

    /// Writes the first segment, alone if it is large or the only one, otherwise joined with its successors. Accepted
    /// bytes leave the queue.
    mutating func write(to descriptor: CInt, on machine: any Machine, joiningIn buffers: LoopBuffers) -> IOResult {
        let result = offer(to: descriptor, on: machine, joiningIn: buffers)
        if case .moved(let taken) = result { drop(taken) }
        return result
    }

    private func offer(to descriptor: CInt, on machine: any Machine, joiningIn buffers: LoopBuffers) -> IOResult {
        if rest.isEmpty || head.count - headOffset >= LoopBuffers.joinLimit {
            return head.withUnsafeBytes { bytes in
                let unsent = UnsafeRawBufferPointer(rebasing: bytes[headOffset...])
                return machine.send(unsent, to: descriptor)
            }
        }
        buffers.output.removeAll(keepingCapacity: true)
        buffers.output.append(contentsOf: head[headOffset...])
        for segment in rest {
            guard segment.count < LoopBuffers.joinLimit, buffers.output.count < 3 * LoopBuffers.joinLimit else { break }
            buffers.output.append(contentsOf: segment)
        }
        return buffers.output.withUnsafeBytes { machine.send($0, to: descriptor) }
    }

    /// Removes the first `taken` bytes.
    private mutating func drop(_ taken: Int) {
        count -= taken
        written += taken
        guard count > 0 else { return clear() }
        headOffset += taken
        guard headOffset >= head.count else { return }
        headOffset -= head.count
        var sentSegments = 0
        while headOffset >= rest[sentSegments].count {
            headOffset -= rest[sentSegments].count
            sentSegments += 1
        }
        head = rest[sentSegments]
        rest.removeFirst(sentSegments + 1)
    }

    /// Removes all bytes.
    mutating func clear() {
        head = []
        headOffset = 0
        rest = []
        count = 0
    }
}
