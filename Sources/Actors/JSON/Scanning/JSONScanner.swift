/// Validates JSON strictly (RFC 8259) and finds the ranges of its parts without decoding them.
///
/// The scan is one pass without recursion, and without allocation for arrays of up to four elements. The input should
/// be valid UTF-8, which the transport has checked; the scanner does not check the encoding inside strings. It accepts
/// escapes of lone surrogates, as JavaScript's `JSON.parse` does.
enum JSONScanner {
    /// The maximum nesting depth of arrays and objects.
    static let depthLimit = JSONNesting.capacity

    /// Splits the array in `range` into the ranges of its elements. Only whitespace may surround the array; the element
    /// ranges exclude whitespace.
    static func splitArray(_ bytes: [UInt8], in range: Range<Int>) throws(JSONError) -> JSONRanges {
        let text = bytes.span.extracting(..<(try end(of: range, in: bytes)))
        var position = range.lowerBound
        skipWhitespace(text, &position)
        try expect(UInt8(ascii: "["), text, &position)
        let elements = try splitElements(text, &position, closedBy: UInt8(ascii: "]"), depth: 1)
        try expectEnd(text, &position)
        return elements
    }

    /// Splits the list of comma-separated values that fills `range`: an array without its brackets.
    static func splitList(_ bytes: [UInt8], in range: Range<Int>) throws(JSONError) -> JSONRanges {
        let text = bytes.span.extracting(..<(try end(of: range, in: bytes)))
        var position = range.lowerBound
        return try splitElements(text, &position, closedBy: nil, depth: 1)
    }

    /// Checks that `range` contains one object and otherwise only whitespace. Returns the object's range.
    static func validateObject(_ bytes: [UInt8], in range: Range<Int>) throws(JSONError) -> Range<Int> {
        let text = bytes.span.extracting(..<(try end(of: range, in: bytes)))
        var position = range.lowerBound
        skipWhitespace(text, &position)
        guard position < text.count else { throw .unexpectedEnd }
        guard text[position] == UInt8(ascii: "{") else {
            throw .unexpectedByte(text[position], offset: position)
        }
        return try validateValue(bytes, in: range)
    }

    /// Checks that `range` contains one value and otherwise only whitespace. Returns the value's range.
    static func validateValue(_ bytes: [UInt8], in range: Range<Int>) throws(JSONError) -> Range<Int> {
        let text = bytes.span.extracting(..<(try end(of: range, in: bytes)))
        var position = range.lowerBound
        skipWhitespace(text, &position)
        let start = position
        try skipValue(text, &position, depth: 0)
        let value = start..<position
        try expectEnd(text, &position)
        return value
    }

    /// Reads elements up to the closing bracket, or up to the end of the text if `closer` is nil.
    private static func splitElements(
        _ text: Span<UInt8>, _ position: inout Int, closedBy closer: UInt8?, depth: Int
    ) throws(JSONError) -> JSONRanges {
        var elements = JSONRanges()
        skipWhitespace(text, &position)
        if try skipCloser(closer, text, &position) { return elements }
        while true {
            skipWhitespace(text, &position)
            let start = position
            try skipValue(text, &position, depth: depth)
            elements.append(start..<position)
            skipWhitespace(text, &position)
            if try skipCloser(closer, text, &position) { return elements }
            try expect(UInt8(ascii: ","), text, &position)
        }
    }

    private static func skipCloser(
        _ closer: UInt8?, _ text: Span<UInt8>, _ position: inout Int
    ) throws(JSONError) -> Bool {
        guard position < text.count else {
            guard closer == nil else { throw .unexpectedEnd }
            return true
        }
        guard text[position] == closer else { return false }
        position += 1
        return true
    }

    private static func expectEnd(_ text: Span<UInt8>, _ position: inout Int) throws(JSONError) {
        skipWhitespace(text, &position)
        guard position == text.count else { throw .unexpectedByte(text[position], offset: position) }
    }

    /// The end of `range`, after a check that every offset in it is inside the array and fits into 32 bits.
    private static func end(of range: Range<Int>, in bytes: [UInt8]) throws(JSONError) -> Int {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { throw .unexpectedEnd }
        guard range.upperBound <= Int(UInt32.max) else { throw .tooLong }
        return range.upperBound
    }
}
