/// What has arrived on a connection, of which the first bytes have been dealt with.
struct HTTPBacklog {
    private(set) var bytes: [UInt8] = []
    /// How many of them have been dealt with.
    private(set) var parsed = 0

    /// How many bytes are left.
    var count: Int { bytes.count - parsed }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ new: RawSpan) {
        new.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    mutating func advance(by count: Int) {
        parsed += count
    }

    /// Frees what has been dealt with.
    mutating func compact() {
        guard parsed > 0 else { return }
        // A new array: one that gets shorter keeps its memory.
        bytes = Array(bytes[parsed...])
        parsed = 0
    }

    /// Hands out what is left; nothing is then.
    mutating func take() -> [UInt8] {
        compact()
        defer { bytes = [] }
        return bytes
    }
}
