extension JSONString {
    /// Appends `utf8` as a quoted JSON string. Escapes only `"`, `\` and control characters.
    static func append(_ utf8: Span<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var position = 0
        while true {
            let special = firstSpecial(in: utf8, from: position)
            output.append(copying: utf8.extracting(position..<special))
            guard special < utf8.count else { break }
            appendEscape(of: utf8[special], to: &output)
            position = special + 1
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Appends a Swift string as a JSON string.
    static func append(_ string: String, to output: inout [UInt8]) {
        append(string.utf8Span.span, to: &output)
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        default:
            output.append(contentsOf: "u00".utf8)
            output.append(hexDigit(byte >> 4))
            output.append(hexDigit(byte & 0x0F))
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
    }
}
