/// Encodes the members of an object.
struct KeyedValueEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    private let object: EncodedObject
    private let encoding: ValueEncoding
    private let path: CodingPath

    init(_ object: EncodedObject, of encoding: ValueEncoding, at path: CodingPath) {
        self.object = object
        self.encoding = encoding
        self.path = path
    }

    var codingPath: [any CodingKey] { path.keys }

    func encodeNil(forKey key: Key) {
        object[key.stringValue] = .null
    }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        object[key.stringValue] = try encoding.encodeNested(value, at: .member(key, of: path))
    }

    // The standard library's own versions of these two throw an error.
    func encode(_ value: Int128, forKey key: Key) throws { object[key.stringValue] = value.encoded }
    func encode(_ value: UInt128, forKey key: Key) throws { object[key.stringValue] = value.encoded }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        encoder(forKey: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder(forKey: key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder(forKey: ValueKey.superclass) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder(forKey: key) }

    /// An encoder for a member. Encoders of the same member share its value.
    private func encoder(forKey key: any CodingKey) -> ValueEncoder {
        let slot: EncodedSlot
        if case .slot(let existing) = object[key.stringValue] {
            slot = existing
        } else {
            slot = EncodedSlot()
            object[key.stringValue] = .slot(slot)
        }
        return ValueEncoder(slot, of: encoding, at: .member(key, of: path))
    }
}
