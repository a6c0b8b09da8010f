import Glibc

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
    /// - Returns: what `send` returned; what the kernel has taken is gone from the queue.
    mutating func write(to descriptor: CInt, joiningIn buffers: LoopBuffers) -> Int {
        let taken = offer(to: descriptor, joiningIn: buffers)
        if taken > 0 { drop(taken) }
        return taken
    }

    private func offer(to descriptor: CInt, joiningIn buffers: LoopBuffers) -> Int {
        let flags = CInt(MSG_NOSIGNAL)
        if rest.isEmpty || head.count - headOffset >= LoopBuffers.joinLimit {
            return head.withUnsafeBytes { bytes in
                let unsent = UnsafeRawBufferPointer(rebasing: bytes[headOffset...])
                return Glibc.send(descriptor, unsent.baseAddress, unsent.count, flags)
            }
        }
        buffers.output.removeAll(keepingCapacity: true)
        buffers.output.append(contentsOf: head[headOffset...])
        for segment in rest {
            guard segment.count < LoopBuffers.joinLimit, buffers.output.count < 3 * LoopBuffers.joinLimit else { break }
            buffers.output.append(contentsOf: segment)
        }
        return buffers.output.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
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
