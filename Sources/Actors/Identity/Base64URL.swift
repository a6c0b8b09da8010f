import Transport

/// Base64 with the alphabet for URLs and without padding (RFC 4648, section 5), as in JSON Web Tokens.
enum Base64URL {
    /// The bytes of a text; nil if it is not exactly what an encoder writes for them.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var standard: [UInt8] = []
        standard.reserveCapacity(text.count)
        for character in text {
            switch character {
            case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: standard.append(character)
            }
        }
        guard let bytes = Base64.decode(standard) else { return nil }
        // The unused bits of the last character must be zero, so that each token has one form.
        return Base64.encode(bytes).prefix(standard.count).elementsEqual(standard) ? bytes : nil
    }
}
