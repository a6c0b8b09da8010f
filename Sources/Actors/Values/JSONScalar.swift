/// A type whose values are single JSON booleans, numbers or strings.
protocol JSONScalar: Codable {
    /// The encoded value, or nil if JSON cannot represent it.
    var encoded: EncodedValue? { get }

    /// Decodes a value. Returns nil if `text` is of another kind or exceeds the type's range.
    init?(decoding text: JSONText)
}

extension Bool: JSONScalar {
    var encoded: EncodedValue? { .bool(self) }

    init?(decoding text: JSONText) {
        guard let value = text.bool else { return nil }
        self = value
    }
}

extension String: JSONScalar {
    var encoded: EncodedValue? { .string(self) }

    init?(decoding text: JSONText) {
        guard let value = text.string else { return nil }
        self = value
    }
}

extension JSONScalar where Self: FixedWidthInteger {
    var encoded: EncodedValue? { .number(description) }

    init?(decoding text: JSONText) {
        guard text.kind == .number, let value = JSONInteger.value(of: text.utf8, as: Self.self) else { return nil }
        self = value
    }
}

extension Int: JSONScalar {}
extension Int8: JSONScalar {}
extension Int16: JSONScalar {}
extension Int32: JSONScalar {}
extension Int64: JSONScalar {}
extension Int128: JSONScalar {}
extension UInt: JSONScalar {}
extension UInt8: JSONScalar {}
extension UInt16: JSONScalar {}
extension UInt32: JSONScalar {}
extension UInt64: JSONScalar {}
extension UInt128: JSONScalar {}

extension JSONScalar where Self: BinaryFloatingPoint & LosslessStringConvertible {
    var encoded: EncodedValue? { JSONNumber.text(of: self).map(EncodedValue.number) }

    init?(decoding text: JSONText) {
        guard text.kind == .number, let value = JSONNumber.value(of: text.utf8, as: Self.self) else { return nil }
        self = value
    }
}

extension Double: JSONScalar {}
extension Float: JSONScalar {}
