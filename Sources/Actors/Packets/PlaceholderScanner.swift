/// Finds the placeholders in validated JSON, at any depth. Scans it in one pass and keeps the state of each open
/// container on a stack.
struct PlaceholderScanner {
    private enum Name {
        case flag
        case number
        case other
    }

    private struct Level {
        let isObject: Bool
        /// The offset of the opening bracket.
        let start: Int
        var awaitsName: Bool
        var name = Name.other
        var isPlaceholder = false
        /// The last `num`, if it is the number of an attachment.
        var number: Int?

        init(isObject: Bool, start: Int) {
            self.isObject = isObject
            self.start = start
            self.awaitsName = isObject
        }
    }

    private let storage: [UInt8]
    private let attachmentCount: Int
    private var levels: [Level] = []

    /// - Parameters:
    ///   - storage: The array that contains the JSON.
    ///   - attachments: The number of the packet's attachments.
    init(_ storage: [UInt8], attachments: Int) {
        self.storage = storage
        attachmentCount = attachments
    }

    /// Calls `found` with the range of each placeholder, in the order of their ends, and with the number of its
    /// attachment, or nil if it refers to none. Stops if that returns false.
    /// - Parameter range: The range of valid JSON.
    /// - Returns: False if the scan was stopped.
    mutating func scan(_ range: Range<Int>, _ found: (Range<Int>, Int?) -> Bool) -> Bool {
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
                levels.append(Level(isObject: text[start] == UInt8(ascii: "{"), start: start))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard let level = levels.popLast() else { return false }
                guard !level.isPlaceholder || found(level.start..<position, level.number) else { return false }
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
            let number = value.integer.flatMap { (0..<attachmentCount).contains($0) ? $0 : nil }
            updateLevel { $0.number = number }
        }
    }

    private mutating func updateLevel(_ change: (inout Level) -> Void) {
        guard !levels.isEmpty else { return }
        change(&levels[levels.count - 1])
    }
}
