/// Parses whole numbers in any JSON notation: `3`, `3.0`, `3e0` and `30E-1` are the same number, as in JavaScript.
enum JSONInteger {
    /// A number of 128 bits has at most this many digits.
    private static let maxDigits = 39

    /// The value of a valid JSON number, or nil if it is not whole or does not fit into the type.
    static func value<Value: FixedWidthInteger>(of number: ArraySlice<UInt8>, as type: Value.Type) -> Value? {
        guard let number = JSONDigits(number) else { return nil }
        guard !number.digits.isEmpty else { return 0 }
        guard number.scale >= 0, number.digits.count + number.scale <= maxDigits else { return nil }
        let sign = number.isNegative ? "-" : ""
        return Value(
            sign + String(decoding: number.digits, as: UTF8.self) + String(repeating: "0", count: number.scale))
    }
}
