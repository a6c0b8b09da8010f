import Actors

/// The positions of a hub: those of a stream are large.
extension MessageTree {
    /// A number may be negative: it has the bits of the position, which needs all 64 of them from the year 2039 on.
    static func position(_ position: UInt64) -> MessageTree { .number(Int(truncatingIfNeeded: position)) }

    static func positions(_ positions: [UInt64]) -> MessageTree { .list(positions.map { .position($0) }) }
}

extension MessageObject {
    func position(_ key: MessageKey) throws(FormatError) -> UInt64 {
        UInt64(truncatingIfNeeded: try number(key, in: Int.min...Int.max))
    }

    func positions(_ key: MessageKey, limit: Int) throws(FormatError) -> [UInt64] {
        var positions: [UInt64] = []
        for element in try elements(key, limit: limit) {
            guard let number = element.integer else { throw .invalid(key) }
            positions.append(UInt64(truncatingIfNeeded: number))
        }
        return positions
    }
}
