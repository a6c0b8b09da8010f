/// Escapes JSON strings as JavaScript's `JSON.stringify` does, and unescapes them.
enum JSONString {
    /// The offset of the first quote, backslash or control character at or after `start`, or the text's length.
    ///
    /// Checks eight bytes at a time, because long texts have few special bytes and this loop dominates the cost of
    /// parsing and encoding them.
    static func firstSpecial(in text: Span<UInt8>, from start: Int) -> Int {
        var position = start
        let raw = text.bytes
        while raw.byteCount - position >= 8 {
            // Any bit pattern is a valid UInt64, and the load checks its bounds.
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            let flags = specialBytes(in: word)
            guard flags == 0 else { return position + flags.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < text.count, !isSpecial(text[position]) { position += 1 }
        return position
    }

    static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// The value of a hexadecimal digit, or nil for any other byte.
    static func hexValue(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Sets the high bit of each special byte of `word`. Only the lowest set bit is reliable, because a borrow may
    /// propagate to higher bytes.
    private static func specialBytes(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highBits = ones << 7
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let isControl = (word &- (ones &* 0x20)) & ~word
        let isQuote = (quotes &- ones) & ~quotes
        let isBackslash = (backslashes &- ones) & ~backslashes
        return (isControl | isQuote | isBackslash) & highBits
    }
}
