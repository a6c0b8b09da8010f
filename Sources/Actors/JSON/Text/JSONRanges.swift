/// The byte ranges of a JSON array's elements. Up to four ranges, enough for almost every event, need no allocation.
struct JSONRanges: Sendable {
    /// The lower and the upper bound. This is a SIMD vector because swiftc 6.3.1 crashes when it optimizes a function
    /// with an inline array of structs as a parameter.
    private typealias Bounds = SIMD2<UInt32>

    private static let inlineCapacity = 4

    private var inline = InlineArray<4, Bounds>(repeating: .zero)
    private var overflow: [Bounds] = []
    private(set) var count = 0

    /// Adds a range. Its bounds must fit into 32 bits, which the scanner checks before it starts.
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
