extension JSONString {
    /// Decodes the content of a JSON string to UTF-8.
    ///
    /// - Parameter content: The bytes between the quotes of a valid JSON string.
    /// - Returns: The bytes without escapes. A lone surrogate becomes U+FFFD, as when JavaScript encodes such a string
    ///   as UTF-8.
    static func unescaped(_ content: Span<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(content.count)
        var position = 0
        while true {
            let special = firstSpecial(in: content, from: position)
            output.append(copying: content.extracting(position..<special))
            position = special
            guard position < content.count else { return output }
            appendUnescaped(content, &position, to: &output)
        }
    }

    /// Returns true if a JSON string's content decodes to exactly these bytes.
    static func content(_ content: Span<UInt8>, equals utf8: Span<UInt8>) -> Bool {
        if equal(content, utf8) { return firstSpecial(in: content, from: 0) == content.count }
        // An escape is longer than the character it encodes, so escaped content that is not longer than `utf8` cannot
        // match. Content without escapes was compared above.
        guard content.count > utf8.count, firstSpecial(in: content, from: 0) < content.count else { return false }
        return equal(unescaped(content).span, utf8)
    }

    private static func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    /// Decodes the escape at `position`, appends the result and moves past the escape.
    private static func appendUnescaped(_ content: Span<UInt8>, _ position: inout Int, to output: inout [UInt8]) {
        position += 1
        guard position < content.count else { return }
        let byte = content[position]
        position += 1
        switch byte {
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "u"): output.append(contentsOf: unicodeEscape(content, &position).utf8)
        default: output.append(byte)
        }
    }

    /// Decodes the scalar whose hexadecimal digits begin at `position`: four digits, or a surrogate pair in two
    /// escapes.
    private static func unicodeEscape(_ content: Span<UInt8>, _ position: inout Int) -> Unicode.Scalar {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        let unit = codeUnit(content, at: position)
        position = min(position + 4, content.count)
        guard unit & 0xFC00 == 0xD800 else { return Unicode.Scalar(unit) ?? replacement }
        guard content.count - position >= 6, content[position] == UInt8(ascii: "\\"),
            content[position + 1] == UInt8(ascii: "u")
        else { return replacement }
        let low = codeUnit(content, at: position + 2)
        guard low & 0xFC00 == 0xDC00 else { return replacement }
        position += 6
        return Unicode.Scalar(0x1_0000 + (unit & 0x3FF) << 10 + (low & 0x3FF)) ?? replacement
    }

    /// The value of up to four hexadecimal digits, at most 0xFFFF.
    private static func codeUnit(_ content: Span<UInt8>, at position: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in position..<min(position + 4, content.count) {
            value = value << 4 | (hexValue(of: content[index]) ?? 0)
        }
        return value
    }
}
