/// The decimal digits of a JSON number, independent of its notation: `3`, `3.0`, `3e0` and `30E-1` are the same.
struct JSONDigits {
    let isNegative: Bool
    /// The digits in ASCII without zeros at either end. Empty for zero.
    let digits: ArraySlice<UInt8>
    /// The power of ten of the last digit: 2 for `300`, -1 for `0.3`.
    let scale: Int

    /// Returns nil if the exponent has more than nine digits, unless the number is zero.
    ///
    /// - Parameter number: A valid JSON number.
    init?(_ number: ArraySlice<UInt8>) {
        let zero = UInt8(ascii: "0")
        isNegative = number.first == UInt8(ascii: "-")
        let mantissaEnd = number.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? number.endIndex
        let mantissa = number[..<mantissaEnd].dropFirst(isNegative ? 1 : 0)
        let point = mantissa.firstIndex(of: UInt8(ascii: ".")) ?? mantissaEnd
        let fraction = mantissa[point...].dropFirst()
        let all = (mantissa[..<point] + fraction).drop { $0 == zero }
        guard let last = all.lastIndex(where: { $0 != zero }) else {
            digits = []
            scale = 0
            return
        }
        guard let exponent = Self.exponent(number[mantissaEnd...].dropFirst()) else { return nil }
        digits = all[...last]
        scale = exponent - fraction.count + (all.endIndex - last - 1)
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
