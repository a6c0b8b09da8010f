/// The object that stands for an attachment in a binary packet's JSON: `{"_placeholder":true,"num":N}`.
///
/// As in the official implementation, every object whose `_placeholder` is `true` is a placeholder, at any depth and
/// with any other members. If a member name repeats, the last one counts.
enum Placeholder {
    static let flag = "_placeholder"
    static let num = "num"

    /// Appends the placeholder of attachment `number`, with the keys in the order that clients expect.
    static func append(number: Int, to output: inout [UInt8]) {
        output.append(contentsOf: #"{"_placeholder":true,"num":"#.utf8)
        output.append(decimal: UInt64(number.magnitude))
        output.append(UInt8(ascii: "}"))
    }

    /// The number of the attachment that `text` stands for, or nil if it is not a placeholder.
    static func number(in text: JSONText) -> Int? {
        text[flag]?.bool == true ? text[num]?.integer : nil
    }
}

/// Checks that each placeholder of a binary packet refers to an attachment of the packet, at any depth, and that no two
/// refer to the same one.
///
/// The official decoder accepts several references to an attachment, but no official encoder writes them. They are
/// refused because each reference becomes a copy of the attachment where binary data is inline: in a handler's values
/// and in MessagePack. A small packet would become gigabytes.
///
/// Scans validated JSON in one pass and keeps the state of each open container on a stack.
struct PlaceholderCheck {
    private enum Name {
        case flag
        case number
        case other
    }

    private struct Level {
        let isObject: Bool
        var awaitsName: Bool
        var name = Name.other
        var isPlaceholder = false
        /// The last `num`, if it is the number of an attachment.
        var number: Int?

        init(isObject: Bool) {
            self.isObject = isObject
            self.awaitsName = isObject
        }
    }

    private let storage: [UInt8]
    /// Whether a placeholder refers to the attachment, for each attachment.
    private var isReferenced: [Bool]
    private var levels: [Level] = []

    /// - Parameters:
    ///   - storage: The array that contains the JSON.
    ///   - attachments: The number of the packet's attachments.
    init(_ storage: [UInt8], attachments: Int) {
        self.storage = storage
        isReferenced = [Bool](repeating: false, count: attachments)
    }

    /// Returns true if all placeholders in the valid JSON at `range` are valid.
    mutating func passes(in range: Range<Int>) -> Bool {
        // A copy of the reference, because the span borrows the array while `self` is mutated.
        let storage = storage
        let text = storage.span
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position
            position += 1
            switch text[start] {
            case UInt8(ascii: "\""):
                position = JSONWalker.endOfString(text, from: start, before: range.upperBound)
                foundString(start..<position)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                foundValue(start..<position)
                levels.append(Level(isObject: text[start] == UInt8(ascii: "{")))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard let level = levels.popLast(), accept(level) else { return false }
            case UInt8(ascii: ","):
                updateLevel { $0.awaitsName = $0.isObject }
            case let byte where JSONWalker.isSeparator(byte):
                break
            default:
                position = JSONWalker.endOfBareWord(text, from: start, before: range.upperBound)
                foundValue(start..<position)
            }
        }
        return true
    }

    private mutating func foundString(_ range: Range<Int>) {
        guard let level = levels.last, level.awaitsName else { return foundValue(range) }
        let name = name(JSONText(validated: storage, in: range))
        updateLevel {
            $0.awaitsName = false
            $0.name = name
        }
    }

    private func name(_ string: JSONText) -> Name {
        if string.isString(Placeholder.flag) { return .flag }
        return string.isString(Placeholder.num) ? .number : .other
    }

    /// Handles the value at `range`. For a container, `range` covers only the first byte, which suffices to tell that
    /// it is neither `true` nor a number. A later member replaces an earlier one of the same name.
    private mutating func foundValue(_ range: Range<Int>) {
        guard let level = levels.last, level.name != .other else { return }
        let value = JSONText(validated: storage, in: range)
        if level.name == .flag {
            let isTrue = value.kind == .true
            updateLevel { $0.isPlaceholder = isTrue }
        } else {
            let number = value.integer.flatMap { isReferenced.indices.contains($0) ? $0 : nil }
            updateLevel { $0.number = number }
        }
    }

    /// Records the reference of a container that has ended.
    /// - Returns: False if the container is an invalid placeholder.
    private mutating func accept(_ level: Level) -> Bool {
        guard level.isPlaceholder else { return true }
        guard let number = level.number, !isReferenced[number] else { return false }
        isReferenced[number] = true
        return true
    }

    private mutating func updateLevel(_ change: (inout Level) -> Void) {
        guard !levels.isEmpty else { return }
        change(&levels[levels.count - 1])
    }
}
