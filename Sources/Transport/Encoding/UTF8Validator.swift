/// Validates UTF-8 that arrives in pieces, and fails at the first byte that makes the text invalid.
///
/// Overlong forms, surrogates and values above U+10FFFF are refused at their second byte, before the character is
/// complete (RFC 3629 section 4; Unicode table 3-7). A WebSocket must close as soon as its text is known to be invalid
/// (RFC 6455 section 8.1), and a fragment or read may end inside a character.
package struct UTF8Validator: Sendable {
    /// The number of bytes missing from the current character.
    private var missing: UInt8 = 0
    /// The bounds of the next continuation byte. They are narrower than 0x80...0xBF only for the second byte of some
    /// characters.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF
    private var hasFailed = false

    /// Makes a validator at the beginning of a text.
    package init() {}

    /// True if all bytes so far are valid UTF-8 and end with a complete character.
    package var isComplete: Bool {
        missing == 0 && !hasFailed
    }

    /// Validates the next piece of the text.
    ///
    /// - Parameter bytes: the bytes that follow those of the previous call.
    /// - Returns: false if the text is invalid, whatever follows. All later calls then return false too.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while !hasFailed {
            if missing == 0 {
                index = Self.endOfASCII(in: bytes, from: index)
            }
            guard index < bytes.count else { return true }
            accept(bytes[index])
            index += 1
        }
        return false
    }

    /// True if `bytes` as a whole are valid UTF-8.
    package static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var validator = UTF8Validator()
        return validator.feed(bytes) && validator.isComplete
    }

    /// True if `bytes` as a whole are valid UTF-8.
    package static func isValid(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { isValid($0) }
    }

    private mutating func accept(_ byte: UInt8) {
        if missing > 0 {
            hasFailed = byte < lowest || byte > highest
            missing -= 1
            (lowest, highest) = (0x80, 0xBF)
            return
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, lowest) = (2, 0xA0)
        case 0xED: (missing, highest) = (2, 0x9F)
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, lowest) = (3, 0x90)
        case 0xF1...0xF3: missing = 3
        case 0xF4: (missing, highest) = (3, 0x8F)
        default: hasFailed = true
        }
    }

    /// Returns the index of the first byte at or after `start` that is not ASCII. It scans eight bytes at a time.
    private static func endOfASCII(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while bytes.count - index >= 8 {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let highBits = word & 0x8080_8080_8080_8080
            guard highBits == 0 else { return index + highBits.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count, bytes[index] < 0x80 {
            index += 1
        }
        return index
    }
}
