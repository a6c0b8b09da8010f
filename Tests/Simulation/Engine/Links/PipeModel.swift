/// One direction of a link: what the sender's process holds, and what the system has accepted of it.
struct PipeModel {
    private let capacity: Int
    private var held: [UInt8] = []
    private var accepted: [UInt8] = []

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Whether the sender holds bytes that the system does not take.
    var isFull: Bool { !held.isEmpty }

    var isEmpty: Bool { accepted.isEmpty }

    /// - Returns: how many of the bytes the system has accepted.
    mutating func send(_ bytes: [UInt8]) -> Int {
        held += bytes
        accept()
        return max(0, bytes.count - held.count)
    }

    /// The sender offers again what it holds.
    mutating func accept() {
        let count = min(held.count, max(0, capacity - accepted.count))
        accepted += held[..<count]
        held.removeFirst(count)
    }

    mutating func read(atMost count: Int) -> [UInt8] {
        let piece = Array(accepted.prefix(count))
        accepted.removeFirst(piece.count)
        return piece
    }

    /// The sender's process is gone, perhaps in the middle of a write.
    /// - Parameter torn: how many bytes of what it wrote last the system did not take.
    mutating func senderDied(losing torn: Int) {
        held = []
        accepted.removeLast(min(torn, accepted.count))
    }
}
