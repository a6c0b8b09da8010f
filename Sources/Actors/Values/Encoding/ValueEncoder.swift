/// Encodes one value into a slot.
struct ValueEncoder: Encoder {
    private let slot: EncodedSlot
    private let encoding: ValueEncoding
    private let path: CodingPath

    init(_ slot: EncodedSlot, of encoding: ValueEncoding, at path: CodingPath) {
        self.slot = slot
        self.encoding = encoding
        self.path = path
    }

    var codingPath: [any CodingKey] { path.keys }
    var userInfo: [CodingUserInfoKey: Any] { encoding.coding.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        let object: EncodedObject
        if case .object(let existing) = slot.value {
            // A class and its superclass may share one object.
            object = existing
        } else {
            object = EncodedObject()
            fill(with: .object(object))
        }
        return KeyedEncodingContainer(KeyedValueEncoder<Key>(object, of: encoding, at: path))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        let array: EncodedArray
        if case .array(let existing) = slot.value {
            array = existing
        } else {
            array = EncodedArray()
            fill(with: .array(array))
        }
        return UnkeyedValueEncoder(array, of: encoding, at: path)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    private func fill(with value: EncodedValue) {
        if slot.value == nil {
            slot.value = value
        } else {
            encoding.recordMisuse(at: path, "the value was encoded in two ways")
        }
    }
}

extension ValueEncoder: SingleValueEncodingContainer {
    func encodeNil() {
        fill(with: .null)
    }

    func encode<Value: Encodable>(_ value: Value) throws {
        fill(with: try encoding.encodeNested(value, at: path))
    }

    // The standard library's own versions of these two throw an error.
    func encode(_ value: Int128) throws { fill(with: try encoding.encodeNested(value, at: path)) }
    func encode(_ value: UInt128) throws { fill(with: try encoding.encodeNested(value, at: path)) }
}
