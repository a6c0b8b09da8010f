/// The positions of all values in a valid JSON text, so that each part can be found without another scan of the text.
///
/// The values are in the order of the text. A container precedes its contents; the contents of an object are names and
/// values in turn.
struct JSONOutline {
    struct Value {
        let start: UInt32
        var end: UInt32
        /// The position in the outline after this value and its contents.
        var next: UInt32
    }

    private(set) var values: [Value] = []

    /// - Throws: `JSONError.tooDeep` or `JSONError.tooLong` if the text exceeds the limit of `JSONScanner`.
    init(of text: Span<UInt8>, in range: Range<Int>) throws(JSONError) {
        guard range.upperBound <= Int(UInt32.max) else { throw .tooLong }
        var open: [Int] = []
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position
            position += 1
            switch text[start] {
            case UInt8(ascii: "\""):
                position = JSONWalker.endOfString(text, from: start, before: range.upperBound)
                append(start, position)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard open.count < JSONScanner.depthLimit else { throw .tooDeep(offset: start) }
                open.append(values.count)
                append(start, position)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard let container = open.popLast() else { continue }
                values[container].end = UInt32(position)
                values[container].next = UInt32(values.count)
            case let byte where JSONWalker.isSeparator(byte):
                break
            default:
                position = JSONWalker.endOfBareWord(text, from: start, before: range.upperBound)
                append(start, position)
            }
        }
    }

    private mutating func append(_ start: Int, _ end: Int) {
        values.append(Value(start: UInt32(start), end: UInt32(end), next: UInt32(values.count + 1)))
    }

    /// The range of the value at this position of the outline.
    func range(of index: Int) -> Range<Int> {
        Int(values[index].start)..<Int(values[index].end)
    }

    /// The positions in the outline of a container's contents: an object's names and values, an array's elements.
    func contents(of index: Int) -> [Int] {
        var contents: [Int] = []
        var child = index + 1
        let end = Int(values[index].next)
        while child < end {
            contents.append(child)
            child = Int(values[child].next)
        }
        return contents
    }
}
