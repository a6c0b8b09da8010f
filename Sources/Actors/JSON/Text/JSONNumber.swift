/// Formats and parses floating-point numbers as JavaScript does (ECMA-262, Number::toString).
enum JSONNumber {
    /// The shortest text that parses to the same value, or nil for NaN and infinities.
    ///
    /// Negative zero is `-0`, which JavaScript parses to negative zero; `JSON.stringify` drops its sign.
    static func text<Value: BinaryFloatingPoint & LosslessStringConvertible>(of value: Value) -> String? {
        guard value.isFinite else { return nil }
        // Swift finds the same digits as JavaScript, but uses an exponent for more values and writes `1.0` for 1.
        let text = value.description
        guard let exponentMark = text.firstIndex(of: "e") else {
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
        let isNegative = text.first == "-"
        let digits = text[..<exponentMark].filter(\.isNumber)
        let exponent = Int(text[text.index(after: exponentMark)...]) ?? 0
        return (isNegative ? "-" : "") + magnitude(digits: digits, exponent: exponent)
    }

    /// The text of the number with a point after its first digit, times 10 to the power of `exponent`.
    private static func magnitude(digits: String, exponent: Int) -> String {
        let zeros = { (count: Int) in String(repeating: "0", count: count) }
        let wholeDigits = exponent + 1
        switch wholeDigits {
        case digits.count...21 where digits.count <= 21:
            return digits + zeros(wholeDigits - digits.count)
        case 1...21:
            return digits.prefix(wholeDigits) + "." + digits.dropFirst(wholeDigits)
        case -5...0:
            return "0." + zeros(-wholeDigits) + digits
        default:
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            return digits.prefix(1) + fraction + (exponent < 0 ? "e-" : "e+") + String(exponent.magnitude)
        }
    }

    /// The value nearest to a valid JSON number, or nil if it exceeds the type's range.
    static func value<Value: BinaryFloatingPoint & LosslessStringConvertible>(
        of number: ArraySlice<UInt8>, as type: Value.Type
    ) -> Value? {
        guard let value = Value(String(decoding: number, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }
}
