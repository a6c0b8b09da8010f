/// Decodes the members of an object.
struct KeyedValueDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let source: ValueSource
    private let path: CodingPath
    /// The names in the order of the text.
    private var names: [String] = []
    /// The position of each member's value in the outline. If a name repeats, the last member counts.
    private var indices: [String: Int] = [:]

    /// - Parameters:
    ///   - source: The text.
    ///   - index: The position of the object in the outline.
    ///   - path: The object's path.
    init(_ source: ValueSource, at index: Int, _ path: CodingPath) {
        self.source = source
        self.path = path
        let contents = source.outline.contents(of: index)
        for position in stride(from: 0, to: contents.count - 1, by: 2) {
            let name = source.text(of: contents[position]).string ?? ""
            if indices.updateValue(contents[position + 1], forKey: name) == nil { names.append(name) }
        }
    }

    var codingPath: [any CodingKey] { path.keys }
    var allKeys: [Key] { names.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { indices[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
        try decoder(forKey: key, "a value").decodeNil()
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try decoder(forKey: key, "\(type)").decode(type)
    }

    // The standard library's own versions of these two throw an error.
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
        try decoder(forKey: key, "\(type)").decode(type)
    }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        try decoder(forKey: key, "\(type)").decode(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try decoder(forKey: key, "an object").container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(forKey: key, "an array").unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try decoderOfValueOrNull(ValueKey.superclass) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoderOfValueOrNull(key) }

    private func decoder(
        forKey key: any CodingKey, _ expected: @autoclosure () -> String
    ) throws -> ValueDecoder {
        guard let index = indices[key.stringValue] else {
            throw DecodingError.keyNotFound(
                key, .init(codingPath: codingPath, debugDescription: "expected \(expected()), found nothing"))
        }
        return ValueDecoder(source, at: index, .member(key, of: path))
    }

    /// A decoder for a member, or for null if the member is missing, as in JSONDecoder.
    private func decoderOfValueOrNull(_ key: any CodingKey) throws -> ValueDecoder {
        if indices[key.stringValue] != nil { return try decoder(forKey: key, "a value") }
        return try ValueDecoder(.null, attachments: [], source.coding, at: .member(key, of: path))
    }
}
