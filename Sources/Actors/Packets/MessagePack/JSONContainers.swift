/// The arrays and objects of a JSON value, with the numbers of their elements, which MessagePack has before the
/// elements, and with the attachments that they stand for. Made in one pass without recursion.
struct JSONContainers {
    struct Container {
        /// The number of elements or members.
        fileprivate(set) var count = 0
        /// The offset after the closing bracket.
        fileprivate(set) var end = 0
        /// The index of the first container that begins after this one has ended.
        fileprivate(set) var next = 0
        /// The number of the attachment if the container is a placeholder.
        fileprivate(set) var attachment: Int?
    }

    /// A container whose end has not been reached.
    private struct Open {
        let index: Int
        let isObject: Bool
        /// True if the next value is the name of a member.
        var awaitsName: Bool
        /// The last name, if it is one of a placeholder's.
        var name: String?
        var isPlaceholder = false
        var number: Int?
    }

    /// The containers in the order of their opening brackets.
    private(set) var all: [Container] = []
    private var open: [Open] = []
    private let json: JSONText
    private let attachmentCount: Int

    /// - Parameters:
    ///   - json: Any JSON value.
    ///   - attachmentCount: The number of the packet's attachments. Without any, placeholders are plain data.
    init(of json: JSONText, attachmentCount: Int) {
        self.json = json
        self.attachmentCount = attachmentCount
        let text = json.storage.span
        let end = json.range.upperBound
        var position = json.range.lowerBound
        // The first byte of the last token: a closing bracket right after an opening one ends an empty container.
        var previous = UInt8(ascii: ",")
        while position < end {
            let start = position
            position += 1
            let byte = text[start]
            switch byte {
            case UInt8(ascii: "\""):
                position = JSONWalker.endOfString(text, from: start, before: end)
                found(start..<position)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                found(start..<position)
                begin(isObject: byte == UInt8(ascii: "{"))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                let wasEmpty = previous == UInt8(ascii: "{") || previous == UInt8(ascii: "[")
                finish(at: position, isEmpty: wasEmpty)
            case UInt8(ascii: ","):
                separate()
            case let byte where JSONWalker.isSeparator(byte):
                continue
            default:
                position = JSONWalker.endOfBareWord(text, from: start, before: end)
                found(start..<position)
            }
            previous = byte
        }
    }

    private mutating func begin(isObject: Bool) {
        open.append(Open(index: all.count, isObject: isObject, awaitsName: isObject))
        all.append(Container())
    }

    private mutating func separate() {
        guard let last = open.indices.last else { return }
        all[open[last].index].count += 1
        open[last].awaitsName = open[last].isObject
    }

    private mutating func finish(at end: Int, isEmpty: Bool) {
        guard let closed = open.popLast() else { return }
        if !isEmpty { all[closed.index].count += 1 }
        all[closed.index].end = end
        all[closed.index].next = all.count
        guard closed.isPlaceholder, let number = closed.number, 0..<attachmentCount ~= number else { return }
        all[closed.index].attachment = number
    }

    /// Handles a name or a value. For a container, the range has only its opening bracket.
    private mutating func found(_ range: Range<Int>) {
        guard attachmentCount > 0, let last = open.indices.last, open[last].isObject else { return }
        let text = JSONText(validated: json.storage, in: range)
        if open[last].awaitsName {
            open[last].awaitsName = false
            open[last].name = [Placeholder.flag, Placeholder.num].first { text.isString($0) }
        } else if open[last].name == Placeholder.flag {
            open[last].isPlaceholder = text.kind == .true
        } else if open[last].name == Placeholder.num {
            open[last].number = text.integer
        }
    }
}
