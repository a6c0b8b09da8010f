extension JSONText {
    /// Encodes a value.
    ///
    /// Binary data becomes an array of numbers, because JSON text has no attachments. `Arguments.init(encoding:)` sends
    /// it as attachments.
    ///
    /// - Parameters:
    ///   - value: The value. Its JSON may be nested up to 512 levels deep.
    ///   - coding: The form of dates, and the encoder's `userInfo`.
    /// - Throws: `EncodingError.invalidValue` if JSON cannot represent the value; any error of its `encode(to:)`.
    public init<Value: Encodable>(encoding value: Value, coding: ValueCoding = .standard) throws {
        let encoded = try ValueEncoding(coding).encode(value)
        var writer = ValueWriter(allowsAttachments: false, depth: 0)
        try writer.write(encoded)
        self.init(validated: writer.output)
    }

    /// Decodes the value.
    ///
    /// - Parameters:
    ///   - type: The type to decode.
    ///   - coding: The form of dates, and the decoder's `userInfo`.
    /// - Returns: The decoded value.
    /// - Throws: `DecodingError` if the JSON does not represent a value of the type; any error of its `init(from:)`.
    public func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, coding: ValueCoding = .standard
    ) throws -> Value {
        try ValueDecoder(self, attachments: [], coding).decode(type)
    }
}

extension JSONText: Codable {
    /// Encodes the value. This module's encoder copies the text; any other encoder receives the parts of the value.
    public func encode(to encoder: any Encoder) throws {
        if let encoder = encoder as? ValueEncoder { return try encoder.encode(self) }
        if kind == .object { return try encodeMembers(to: encoder) }
        var container = encoder.singleValueContainer()
        if let bool {
            try container.encode(bool)
        } else if let string {
            try container.encode(string)
        } else if let elements {
            try container.encode(elements)
        } else if let integer {
            try container.encode(integer)
        } else if let number {
            try container.encode(number)
        } else if isNull {
            try container.encodeNil()
        } else {
            throw EncodingError.invalidValue(
                self, .init(codingPath: encoder.codingPath, debugDescription: "the number exceeds the range of Double"))
        }
    }

    private func encodeMembers(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ValueKey.self)
        for (name, value) in members ?? [] { try container.encode(value, forKey: ValueKey(stringValue: name)) }
    }

    /// Decodes a value of any kind. This module's decoder shares the text; from any other decoder, the order of members
    /// and the notation of numbers are lost.
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? ValueDecoder {
            self = try decoder.decode(JSONText.self)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self.init(bool: value)
        } else if let value = try? container.decode(Int.self) {
            self.init(integer: value)
        } else if let value = try? container.decode(Double.self), let text = JSONText(value) {
            self = text
        } else if let value = try? container.decode(String.self) {
            self.init(string: value)
        } else if let value = try? container.decode([JSONText].self) {
            self.init(array: value)
        } else {
            let keyed = try decoder.container(keyedBy: ValueKey.self)
            self.init(object: try keyed.allKeys.map { ($0.stringValue, try keyed.decode(JSONText.self, forKey: $0)) })
        }
    }
}
