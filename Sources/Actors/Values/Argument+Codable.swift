extension Argument: Codable {
    /// Encodes the argument. This module's encoder sends it unchanged; for any other encoder, binary data is an array
    /// of numbers.
    public func encode(to encoder: any Encoder) throws {
        if let encoder = encoder as? ValueEncoder { return try encoder.encode(self) }
        switch self {
        case .json(let text): try text.encode(to: encoder)
        case .binary(let data): try data.encode(to: encoder)
        }
    }

    /// Decodes an argument. Only this module's decoder finds binary data.
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? ValueDecoder {
            self = try decoder.decode(Argument.self)
        } else {
            self = .json(try JSONText(from: decoder))
        }
    }
}
