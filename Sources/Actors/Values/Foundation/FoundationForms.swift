/// Converts between the JSON that Foundation's types write with their own `Codable` conformances and the JSON that
/// clients expect.
///
/// Their own forms are stable, because programs store them in files: a `Date` is the number of seconds since 2001, a
/// `URL` is an object with `relative` and `base`, and a `Decimal` is an object with a mantissa of eight 16-bit words.
/// Because it works on these forms, this module need not link Foundation.
enum FoundationForms {
    /// The seconds from 1970 to the reference date of `Date`, the beginning of 2001.
    private static let referenceDate = 978_307_200

    // MARK: Encoding

    /// The text of a date, or nil if the form cannot represent it.
    static func date(_ own: EncodedValue, _ form: ValueCoding.DateForm) -> EncodedValue? {
        guard case .number(let text) = own, let sinceReference = Double(text) else { return nil }
        let seconds = sinceReference + Double(referenceDate)
        switch form {
        case .iso8601: return ISO8601.text(milliseconds: (seconds * 1_000).rounded()).map(EncodedValue.string)
        case .secondsSince1970: return seconds.encoded
        case .millisecondsSince1970: return (seconds * 1_000).rounded().encoded
        }
    }

    /// The text of a URL, or nil if the URL has a base.
    static func url(_ own: EncodedValue) -> EncodedValue? {
        guard case .object(let members) = own, case .string(let text) = members["relative"] else { return nil }
        guard members["base"] == nil else { return nil }
        return .string(text)
    }

    /// The number whose description is `text`, or nil for a description of NaN.
    static func decimal(_ text: String) -> EncodedValue? {
        guard let json = try? JSONText(validating: Array(text.utf8)), json.kind == .number else { return nil }
        return .number(text)
    }

    // MARK: Decoding

    /// The date's own form, or nil if `json` is not a date in this form.
    static func ownDate(_ json: JSONText, _ form: ValueCoding.DateForm) -> JSONText? {
        switch form {
        case .iso8601:
            guard let text = json.utf8String(), let (whole, fraction) = ISO8601.seconds(text) else { return nil }
            return JSONText(Double(whole - referenceDate) + fraction)
        case .secondsSince1970:
            return json.number.flatMap { JSONText($0 - Double(referenceDate)) }
        case .millisecondsSince1970:
            return json.number.flatMap { JSONText($0 / 1_000 - Double(referenceDate)) }
        }
    }

    /// The URL's own form, or nil if `json` is not a string.
    static func ownURL(_ json: JSONText) -> JSONText? {
        json.kind == .string ? JSONText(object: [("relative", json)]) : nil
    }

    /// The decimal number's own form, or nil if `json` is not a number in the range of `Decimal`. Digits after the 38th
    /// are rounded.
    static func ownDecimal(_ json: JSONText) -> JSONText? {
        guard json.kind == .number, let number = JSONDigits(json.utf8) else { return nil }
        let maxDigits = 38
        var scale = number.scale
        var mantissa = number.digits.prefix(maxDigits).reduce(0) { $0 * 10 + UInt128($1 - UInt8(ascii: "0")) }
        if number.digits.count > maxDigits {
            scale += number.digits.count - maxDigits
            if number.digits[number.digits.startIndex + maxDigits] >= UInt8(ascii: "5") { mantissa += 1 }
        }
        while scale > Int(Int8.max), mantissa < .max / 10 {
            mantissa *= 10
            scale -= 1
        }
        guard (Int(Int8.min)...Int(Int8.max)).contains(scale) else { return nil }
        let words = (0..<8).map { Int(truncatingIfNeeded: mantissa >> ($0 * 16) & 0xFFFF) }
        return JSONText(object: [
            ("exponent", JSONText(integer: scale)),
            ("length", JSONText(integer: (words.lastIndex { $0 != 0 } ?? -1) + 1)),
            ("isNegative", JSONText(bool: number.isNegative && mantissa != 0)),
            ("isCompact", JSONText(bool: false)),
            ("mantissa", JSONText(array: words.map(JSONText.init(integer:)))),
        ])
    }
}
