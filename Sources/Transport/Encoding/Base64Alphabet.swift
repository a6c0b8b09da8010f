/// The tables of base64 and the loops over them. Callers provide output buffers of exactly the right size.
enum Base64Alphabet {
    private static let characters = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The six bits of each character. Values of bytes outside the alphabet have the high bit set.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in characters.enumerated() {
            values[Int(character)] = UInt8(value)
        }
        return values
    }()

    /// Writes the padded encoding of `bytes`.
    ///
    /// - Returns: the number of characters written, which is `Base64.encodedCount(bytes.count)`.
    static func encode(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<UInt8>) -> Int {
        characters.withUnsafeBufferPointer { characters in
            var written = 0
            var index = 0
            while index < bytes.count {
                let left = bytes.count - index
                let second = left > 1 ? bytes[index + 1] : 0
                let third = left > 2 ? bytes[index + 2] : 0
                let bits = UInt32(bytes[index]) << 16 | UInt32(second) << 8 | UInt32(third)
                output[written] = characters[Int(bits >> 18)]
                output[written + 1] = characters[Int(bits >> 12 & 63)]
                output[written + 2] = left > 1 ? characters[Int(bits >> 6 & 63)] : UInt8(ascii: "=")
                output[written + 3] = left > 2 ? characters[Int(bits & 63)] : UInt8(ascii: "=")
                written += 4
                index += 3
            }
            return written
        }
    }

    /// Decodes `text`, which has no padding, and fills `output`.
    ///
    /// - Returns: true if every character is in the alphabet.
    static func decode(_ text: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        values.withUnsafeBufferPointer { values in
            // Check for invalid characters once at the end, to save a branch for each character.
            var seen: UInt8 = 0
            var bits: UInt32 = 0
            var written = 0
            var index = 0
            while text.count - index >= 4 {
                for character in text[index..<index + 4] {
                    let value = values[Int(character)]
                    seen |= value
                    bits = bits << 6 | UInt32(value & 63)
                }
                output[written] = UInt8(truncatingIfNeeded: bits >> 16)
                output[written + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                output[written + 2] = UInt8(truncatingIfNeeded: bits)
                written += 3
                index += 4
            }
            let rest = text.count - index
            bits = 0
            for character in text[index...] {
                let value = values[Int(character)]
                seen |= value
                bits = bits << 6 | UInt32(value & 63)
            }
            bits <<= UInt32(6 * (4 - rest))
            if rest > 1 { output[written] = UInt8(truncatingIfNeeded: bits >> 16) }
            if rest > 2 { output[written + 1] = UInt8(truncatingIfNeeded: bits >> 8) }
            return seen & 0x80 == 0
        }
    }
}
