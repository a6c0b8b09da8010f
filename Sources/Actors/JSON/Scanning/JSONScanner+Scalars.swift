extension JSONScanner {
    /// Moves past a string, number, `true`, `false` or `null`.
    static func skipScalar(_ text: Span<UInt8>, _ position: inout Int) throws(JSONError) {
        guard position < text.count else { throw .unexpectedEnd }
        switch JSONKind(firstByte: text[position]) {
        case .string: try skipString(text, &position)
        case .number: try skipNumber(text, &position)
        case .true: try skipLiteral("true", text, &position)
        case .false: try skipLiteral("false", text, &position)
        case .null: try skipLiteral("null", text, &position)
        case .array, .object, nil: throw .unexpectedByte(text[position], offset: position)
        }
    }

    /// Moves past a string, quotes included (RFC 8259 §7).
    static func skipString(_ text: Span<UInt8>, _ position: inout Int) throws(JSONError) {
        try expect(UInt8(ascii: "\""), text, &position)
        while true {
            position = JSONString.firstSpecial(in: text, from: position)
            guard position < text.count else { throw .unexpectedEnd }
            switch text[position] {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                try skipEscape(text, &position)
            default:
                throw .unexpectedByte(text[position], offset: position)
            }
        }
    }

    private static func skipEscape(_ text: Span<UInt8>, _ position: inout Int) throws(JSONError) {
        position += 1
        guard position < text.count else { throw .unexpectedEnd }
        switch text[position] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard position < text.count else { throw .unexpectedEnd }
                guard JSONString.hexValue(of: text[position]) != nil else {
                    throw .unexpectedByte(text[position], offset: position)
                }
                position += 1
            }
        default:
            throw .unexpectedByte(text[position], offset: position)
        }
    }

    /// Moves past a number (RFC 8259 §6): no leading zeros, no bare point, no bare exponent.
    private static func skipNumber(_ text: Span<UInt8>, _ position: inout Int) throws(JSONError) {
        skipAny(of: UInt8(ascii: "-"), UInt8(ascii: "-"), text, &position)
        if !skipAny(of: UInt8(ascii: "0"), UInt8(ascii: "0"), text, &position) {
            try skipDigits(text, &position)
        }
        if skipAny(of: UInt8(ascii: "."), UInt8(ascii: "."), text, &position) {
            try skipDigits(text, &position)
        }
        if skipAny(of: UInt8(ascii: "e"), UInt8(ascii: "E"), text, &position) {
            skipAny(of: UInt8(ascii: "+"), UInt8(ascii: "-"), text, &position)
            try skipDigits(text, &position)
        }
    }

    @discardableResult
    private static func skipAny(
        of first: UInt8, _ second: UInt8, _ text: Span<UInt8>, _ position: inout Int
    ) -> Bool {
        guard position < text.count, text[position] == first || text[position] == second else { return false }
        position += 1
        return true
    }

    private static func skipDigits(_ text: Span<UInt8>, _ position: inout Int) throws(JSONError) {
        let start = position
        while position < text.count, text[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else {
            guard position < text.count else { throw .unexpectedEnd }
            throw .unexpectedByte(text[position], offset: position)
        }
    }

    private static func skipLiteral(
        _ literal: String, _ text: Span<UInt8>, _ position: inout Int
    ) throws(JSONError) {
        for byte in literal.utf8 { try expect(byte, text, &position) }
    }
}
