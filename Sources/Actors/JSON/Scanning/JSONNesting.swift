/// Which containers are open while a text is scanned: one bit each, so that depth costs no allocation and no recursion.
struct JSONNesting {
    private var objects = InlineArray<8, UInt64>(repeating: 0)
    private(set) var depth = 0

    /// The deepest nesting that the bits can hold.
    static let capacity = 8 * 64

    /// Whether the innermost open container is an object. Only asked while one is open.
    var isInObject: Bool {
        let level = depth - 1
        return objects[level >> 6] >> UInt64(level & 63) & 1 == 1
    }

    /// Opens a container, or returns false when `capacity` containers are open already.
    mutating func open(object: Bool) -> Bool {
        guard depth < Self.capacity else { return false }
        let bit: UInt64 = 1 << UInt64(depth & 63)
        if object {
            objects[depth >> 6] |= bit
        } else {
            objects[depth >> 6] &= ~bit
        }
        depth += 1
        return true
    }

    /// Closes the innermost container. Only called while one is open.
    mutating func close() {
        depth -= 1
    }
}
