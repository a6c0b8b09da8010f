/// The bytes that wait for a socket, in order, in the segments in which they were queued.
struct SendQueue {
    /// How many segments may wait before those of at most `tinySize` bytes are joined to ones of at most `joinedSize`.
    private static let tinyLimit = 16
    private static let tinySize = 64
    private static let joinedSize = 1024

    private var head: [UInt8] = []
    private var headOffset = 0
    private var rest: [[UInt8]] = []
    /// How many bytes wait.
    private(set) var count = 0
    /// How many bytes the kernel has taken since the beginning.
    private(set) var written = 0

    mutating func append(_ bytes: [UInt8]) {
        count += bytes.count
        if head.isEmpty { head = bytes } else { queue(bytes) }
    }

    /// An array of two bytes takes thirty times as much memory. Where many wait, such as the pongs of a client that
    /// reads nothing, tiny ones are joined; the others stay shared with the connections that get the same.
    private mutating func queue(_ bytes: [UInt8]) {
        if rest.count >= Self.tinyLimit, bytes.count <= Self.tinySize {
            let last = rest.count - 1
            if rest[last].count + bytes.count <= Self.joinedSize { return rest[last].append(contentsOf: bytes) }
        }
        rest.append(bytes)
    }

    /// Offers the head alone when it is all there is or large, else the head and its successors joined.
    /// - Returns: what became of it; what the kernel has taken is gone from the queue.
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

    /// Forgets the first `taken` bytes.
    private mutating func drop(_ taken: Int) {
        count -= taken
        written += taken
        guard count > 0 else { return clear() }
        headOffset += taken
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

    /// Forgets everything that waits.
    mutating func clear() {
        head = []
        headOffset = 0
        rest = []
        count = 0
    }
}
