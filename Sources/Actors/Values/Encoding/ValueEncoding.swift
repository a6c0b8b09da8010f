/// The state that all encoders of one value share.
final class ValueEncoding {
    /// The maximum nesting depth of calls of `encode(to:)`. A type may encode itself in two steps for each level of
    /// JSON, for example in a wrapper of one value.
    private static let depthLimit = 2 * JSONScanner.depthLimit

    let coding: ValueCoding
    private var depth = 0
    private var misuse: EncodingError?

    init(_ coding: ValueCoding) {
        self.coding = coding
    }

    /// Encodes a complete value.
    func encode<Value: Encodable>(_ value: Value, at path: CodingPath = .root) throws -> EncodedValue {
        let encoded = try encodeNested(value, at: path)
        if let misuse { throw misuse }
        return encoded
    }

    /// Encodes a value inside another one.
    func encodeNested<Value: Encodable>(_ value: Value, at path: CodingPath) throws -> EncodedValue {
        switch CodedType(Value.self) {
        case .scalar:
            guard let encoded = (value as? any JSONScalar)?.encoded else {
                throw invalid(value, at: path, "JSON cannot represent this number")
            }
            return encoded
        case .text:
            return (value as? JSONText).map(EncodedValue.text) ?? .null
        case .argument:
            switch value as? Argument {
            case .json(let text): return .text(text)
            case .binary(let data): return .binary(data)
            case nil: return .null
            }
        case .bytes:
            return .binary(Self.bytes(of: value))
        case .date:
            let date = FoundationForms.date(try encodeItself(value, at: path), coding.dates)
            guard let date else { throw invalid(value, at: path, "the form of dates cannot represent this date") }
            return date
        case .url:
            let url = FoundationForms.url(try encodeItself(value, at: path))
            guard let url else { throw invalid(value, at: path, "the URL has a base; encode its absoluteURL") }
            return url
        case .decimal:
            let decimal = FoundationForms.decimal(String(describing: value))
            guard let decimal else { throw invalid(value, at: path, "JSON cannot represent this number") }
            return decimal
        case .other:
            return try encodeItself(value, at: path)
        }
    }

    /// Calls the value's `encode(to:)`.
    private func encodeItself<Value: Encodable>(_ value: Value, at path: CodingPath) throws -> EncodedValue {
        guard depth < Self.depthLimit else {
            throw invalid(value, at: path, "nested deeper than \(JSONScanner.depthLimit) levels")
        }
        depth += 1
        defer { depth -= 1 }
        let slot = EncodedSlot()
        try value.encode(to: ValueEncoder(slot, of: self, at: path))
        // A type without stored properties encodes nothing: it is an empty object, as in JSONEncoder.
        return slot.value ?? .object(EncodedObject())
    }

    private static func bytes(of value: Any) -> [UInt8] {
        if let bytes = value as? [UInt8] { return bytes }
        func copy(_ collection: some Collection<UInt8>) -> [UInt8] { Array(collection) }
        return (value as? any Collection<UInt8>).map { copy($0) } ?? []
    }

    /// Records that a type used its encoder in an impossible way, in a call that cannot throw. The encoding fails at
    /// its end.
    func recordMisuse(at path: CodingPath, _ description: String) {
        guard misuse == nil else { return }
        misuse = EncodingError.invalidValue(
            description, EncodingError.Context(codingPath: path.keys, debugDescription: description))
    }

    private func invalid(_ value: Any, at path: CodingPath, _ description: String) -> EncodingError {
        .invalidValue(value, EncodingError.Context(codingPath: path.keys, debugDescription: description))
    }
}
