/// Where the elements of a JSON array are: a list of byte ranges that needs no allocation for up to four of them, which
/// is what almost every event has.
struct JSONRanges: Sendable {
    /// Lower and upper bound. A vector, because swiftc 6.3.1 crashes when it optimizes a function that takes an
    /// inline array of structs.
    private typealias Bounds = SIMD2<UInt32>

    private static let inlineCapacity = 4

    private var inline = InlineArray<4, Bounds>(repeating: .zero)
    private var overflow: [Bounds] = []
    private(set) var count = 0

    /// Adds a range. Its bounds must fit into 32 bits, which the scanner makes sure of before it begins.
    mutating func append(_ range: Range<Int>) {
        let bounds = Bounds(UInt32(range.lowerBound), UInt32(range.upperBound))
        if count < Self.inlineCapacity {
            inline[count] = bounds
        } else {
            overflow.append(bounds)
        }
        count += 1
    }
}

extension JSONRanges: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { count }

    subscript(position: Int) -> Range<Int> {
        precondition(position >= 0 && position < count, "range index out of bounds")
        let bounds = position < Self.inlineCapacity ? inline[position] : overflow[position - Self.inlineCapacity]
        return Int(bounds.x)..<Int(bounds.y)
    }
}
