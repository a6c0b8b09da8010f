/// Parses whole numbers in any JSON notation: `3`, `3.0`, `3e0` and `30E-1` are the same number, as in JavaScript.
enum JSONInteger {
    /// The value of a valid JSON number, or nil if it is not whole or does not fit into `Int`.
    static func value(of number: ArraySlice<UInt8>) -> Int? {
        let isNegative = number.first == UInt8(ascii: "-")
        let mantissaEnd = number.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? number.endIndex
        let mantissa = number[..<mantissaEnd]
        let pointIndex = mantissa.firstIndex(of: UInt8(ascii: ".")) ?? mantissaEnd
        let fraction = trimmed(mantissa[pointIndex...].dropFirst())
        let whole = mantissa[..<pointIndex].dropFirst(isNegative ? 1 : 0)
        var digits = whole.drop { $0 == UInt8(ascii: "0") } + fraction
        guard digits.contains(where: { $0 != UInt8(ascii: "0") }) else { return 0 }
        guard var scale = exponent(number[mantissaEnd...].dropFirst()) else { return nil }
        scale -= fraction.count
        while scale < 0, digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            scale += 1
        }
        // A 64-bit number has at most 19 digits.
        guard scale >= 0, digits.drop(while: { $0 == UInt8(ascii: "0") }).count + scale <= 19 else { return nil }
        digits += repeatElement(UInt8(ascii: "0"), count: scale)
        return Int((isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self))
    }

    private static func trimmed(_ fraction: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let end = fraction.lastIndex { $0 != UInt8(ascii: "0") }.map { $0 + 1 } ?? fraction.startIndex
        return fraction[..<end]
    }

    /// The value of the exponent: 0 for an empty one, nil if it has too many digits for any result to fit.
    private static func exponent(_ text: ArraySlice<UInt8>) -> Int? {
        guard !text.isEmpty else { return 0 }
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = text.drop { !(0x30...0x39).contains($0) || $0 == UInt8(ascii: "0") }
        guard digits.count <= 9 else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return isNegative ? -value : value
    }
}
