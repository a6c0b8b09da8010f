/// Finds the parts of valid JSON without validation and without a depth limit.
///
/// For invalid JSON it returns meaningless ranges, but stays inside the text and terminates.
enum JSONWalker {
    /// Calls `body` with the range of each value of the array in `range`, in order.
    static func forEachElement(of text: Span<UInt8>, in range: Range<Int>, _ body: (Range<Int>) -> Void) {
        let end = range.upperBound - 1
        var position = range.lowerBound + 1
        while let start = nextToken(text, from: position, before: end) {
            position = endOfValue(text, from: start, before: end)
            body(start..<position)
        }
    }

    /// Calls `body` with each member of the object in `range`, in order: the range of the name between its quotes, and
    /// the range of the value.
    static func forEachMember(of text: Span<UInt8>, in range: Range<Int>, _ body: (Range<Int>, Range<Int>) -> Void) {
        let end = range.upperBound - 1
        var position = range.lowerBound + 1
        while let keyStart = nextToken(text, from: position, before: end) {
            let keyEnd = endOfValue(text, from: keyStart, before: end)
            guard let start = nextToken(text, from: keyEnd, before: end) else { return }
            position = endOfValue(text, from: start, before: end)
            body(keyStart + 1..<max(keyStart + 1, keyEnd - 1), start..<position)
        }
    }

    /// The offset after the string whose opening quote is at `start`.
    static func endOfString(_ text: Span<UInt8>, from start: Int, before end: Int) -> Int {
        var position = start + 1
        while true {
            position = JSONString.firstSpecial(in: text, from: position)
            guard position < end else { return end }
            if text[position] == UInt8(ascii: "\"") { return position + 1 }
            // Skip the backslash and the byte after it; the digits of a \u escape are not special.
            position += 2
        }
    }

    /// The offset of the first byte at or after `position` that is not whitespace, a comma or a colon.
    private static func nextToken(_ text: Span<UInt8>, from position: Int, before end: Int) -> Int? {
        var position = position
        while position < end, isSeparator(text[position]) { position += 1 }
        return position < end ? position : nil
    }

    private static func endOfValue(_ text: Span<UInt8>, from start: Int, before end: Int) -> Int {
        var position = start
        var depth = 0
        repeat {
            switch text[position] {
            case UInt8(ascii: "\""):
                position = endOfString(text, from: position, before: end)
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                position += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                position += 1
            case let byte where isSeparator(byte):
                position += 1
            default:
                position = endOfBareWord(text, from: position, before: end)
            }
        } while depth > 0 && position < end
        return position
    }

    /// The end of a number or literal.
    static func endOfBareWord(_ text: Span<UInt8>, from start: Int, before end: Int) -> Int {
        var position = start + 1
        // `| 0x20` maps `]` to `}`, so one comparison finds both.
        while position < end, !isSeparator(text[position]), text[position] | 0x20 != UInt8(ascii: "}") { position += 1 }
        return position
    }

    static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: ","),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }
}

extension JSONWalker {
    /// The nesting depth of a valid JSON value: 0 for a scalar, 1 for an array of scalars.
    static func depth(of json: ArraySlice<UInt8>) -> Int {
        let text = json.span
        var position = 0
        var depth = 0
        var maximum = 0
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                position = endOfString(text, from: position, before: text.count)
                continue
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                maximum = max(maximum, depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
            default: break
            }
            position += 1
        }
        return maximum
    }
}
