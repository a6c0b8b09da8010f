/// The bytes received on a connection, of which a prefix has been parsed.
struct HTTPBacklog {
    private(set) var bytes: [UInt8] = []
    /// The number of parsed bytes.
    private(set) var parsed = 0

    /// The number of unparsed bytes.
    var count: Int { bytes.count - parsed }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ new: RawSpan) {
        new.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    mutating func advance(by count: Int) {
        parsed += count
    }

    /// Makes these bytes the first unparsed ones.
    mutating func putBack(_ first: [UInt8]) {
        bytes = first + bytes[parsed...]
        parsed = 0
    }

    /// Frees the parsed bytes.
    mutating func compact() {
        guard parsed > 0 else { return }
        // Copy, because removing elements would keep the array's memory.
        bytes = Array(bytes[parsed...])
        parsed = 0
    }

    /// Removes and returns the unparsed bytes.
    mutating func take() -> [UInt8] {
        compact()
        defer { bytes = [] }
        return bytes
    }
}
