/// The stack of containers that are open during a scan. It uses one bit per container, so nesting costs neither
/// allocation nor recursion.
struct JSONNesting {
    private var objects = InlineArray<8, UInt64>(repeating: 0)
    private(set) var depth = 0

    /// The maximum depth.
    static let capacity = 8 * 64

    /// True if the innermost open container is an object. At least one container must be open.
    var isInObject: Bool {
        let level = depth - 1
        return objects[level >> 6] >> UInt64(level & 63) & 1 == 1
    }

    /// Opens a container. Returns false if `capacity` containers are already open.
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

    /// Closes the innermost container. At least one container must be open.
    mutating func close() {
        depth -= 1
    }
}
