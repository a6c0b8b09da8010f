/// Encodes the elements of an array.
struct UnkeyedValueEncoder: UnkeyedEncodingContainer {
    private let array: EncodedArray
    private let encoding: ValueEncoding
    private let path: CodingPath

    init(_ array: EncodedArray, of encoding: ValueEncoding, at path: CodingPath) {
        self.array = array
        self.encoding = encoding
        self.path = path
    }

    var codingPath: [any CodingKey] { path.keys }
    var count: Int { array.elements.count }

    func encodeNil() {
        array.elements.append(.null)
    }

    func encode<Value: Encodable>(_ value: Value) throws {
        array.elements.append(try encoding.encodeNested(value, at: .element(count, of: path)))
    }

    // The standard library's own versions of these two throw an error.
    func encode(_ value: Int128) throws { array.elements.append(.number(value.description)) }
    func encode(_ value: UInt128) throws { array.elements.append(.number(value.description)) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        elementEncoder().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        elementEncoder().unkeyedContainer()
    }

    func superEncoder() -> any Encoder { elementEncoder() }

    /// An encoder for a new element.
    private func elementEncoder() -> ValueEncoder {
        let slot = EncodedSlot()
        array.elements.append(.slot(slot))
        return ValueEncoder(slot, of: encoding, at: .element(count - 1, of: path))
    }
}
