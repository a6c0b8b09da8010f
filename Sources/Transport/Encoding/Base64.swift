/// Base64 with the standard alphabet (RFC 4648 section 4), for WebSocket handshakes and for binary packets in polling
/// payloads.
package enum Base64 {
    /// Encodes bytes, padded with `=` to a multiple of four characters.
    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        append(encoding: bytes.span.bytes, to: &text)
        return text
    }

    /// Encodes bytes as a string, padded with `=` to a multiple of four characters.
    package static func encodeToString(_ bytes: [UInt8]) -> String {
        String(decoding: encode(bytes), as: UTF8.self)
    }

    /// Encodes bytes, padded with `=` to a multiple of four characters, and appends the result to a text.
    ///
    /// - Parameters:
    ///   - bytes: the bytes to encode.
    ///   - text: the text that the characters are appended to.
    package static func append(encoding bytes: RawSpan, to text: inout [UInt8]) {
        text.append(addingCapacity: encodedCount(bytes.byteCount)) { output in
            bytes.withUnsafeBytes { bytes in
                output.withUnsafeMutableBufferPointer { characters, count in
                    count = Base64Alphabet.encode(bytes, into: characters)
                }
            }
        }
    }

    /// Decodes a text with or without padding.
    ///
    /// As in the official server, padding may be missing and unused bits may be other than zero. The result is nil for
    /// any other deviation.
    ///
    /// - Parameter text: characters of the standard alphabet, without white space.
    /// - Returns: the bytes; nil if a character is not in the alphabet, the padding is wrong, or the length is
    ///   impossible.
    package static func decode(_ text: RawSpan) -> [UInt8]? {
        text.withUnsafeBytes { text in
            let padding = text.count.isMultiple(of: 4) ? text.suffix(2).reversed().prefix { $0 == equalsSign }.count : 0
            let characters = UnsafeRawBufferPointer(rebasing: text.dropLast(padding))
            guard characters.count % 4 != 1 else { return nil }
            var isValid = false
            let bytes = [UInt8](unsafeUninitializedCapacity: decodedCount(characters.count)) { bytes, count in
                isValid = Base64Alphabet.decode(characters, into: bytes)
                count = isValid ? bytes.count : 0
            }
            return isValid ? bytes : nil
        }
    }

    /// Decodes a text with or without padding; see the overload for `RawSpan`.
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        decode(text.span.bytes)
    }

    /// The number of characters in the encoding of `count` bytes.
    package static func encodedCount(_ count: Int) -> Int {
        (count + 2) / 3 * 4
    }

    /// The number of bytes that `count` characters without padding encode.
    private static func decodedCount(_ count: Int) -> Int {
        count / 4 * 3 + (count % 4 * 3) / 4
    }

    private static let equalsSign = UInt8(ascii: "=")
}
