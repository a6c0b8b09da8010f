/// Checks JSON strictly (RFC 8259) and says where its parts are, without decoding anything.
///
/// One pass, no recursion, no allocation for arrays of up to four elements. Bytes are expected to be valid UTF-8,
/// which the transport has checked; other bytes inside strings are passed over. Escapes of lone surrogates are
/// accepted, as JavaScript's `JSON.parse` does.
enum JSONScanner {
    /// How deep arrays and objects may be nested in each other.
    static let depthLimit = JSONNesting.capacity

    /// Splits the array that fills `range`, up to whitespace around it, into the ranges of its elements without the
    /// whitespace around them.
    static func splitArray(_ bytes: [UInt8], in range: Range<Int>) throws(JSONError) -> JSONRanges {
        let text = bytes.span.extracting(..<(try end(of: range, in: bytes)))
        var position = range.lowerBound
        skipWhitespace(text, &position)
        try expect(UInt8(ascii: "["), text, &position)
        let elements = try splitElements(text, &position, closedBy: UInt8(ascii: "]"), depth: 1)
        try expectEnd(text, &position)
        return elements
    }

    /// Splits values separated by commas that fill `range`: an array's inside, without its brackets.
    static func splitList(_ bytes: [UInt8], in range: Range<Int>) throws(JSONError) -> JSONRanges {
        let text = bytes.span.extracting(..<(try end(of: range, in: bytes)))
        var position = range.lowerBound
        return try splitElements(text, &position, closedBy: nil, depth: 1)
    }

    /// Checks that an object, and nothing else but whitespace, fills `range`, and returns the range without it.
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

    /// Checks that one value, and nothing else but whitespace, fills `range`, and returns the range without it.
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

    /// The elements up to the closing bracket, or up to the end of the text when `closer` is nil.
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

    /// The end of `range` after making sure that every offset up to it is inside the array and fits into 32 bits.
    private static func end(of range: Range<Int>, in bytes: [UInt8]) throws(JSONError) -> Int {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { throw .unexpectedEnd }
        guard range.upperBound <= Int(UInt32.max) else { throw .tooLong }
        return range.upperBound
    }
}
