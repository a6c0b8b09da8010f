/// Decodes the elements of an array.
struct UnkeyedValueDecoder: UnkeyedDecodingContainer {
    private let source: ValueSource
    private let path: CodingPath
    /// The positions of the elements in the outline.
    private let elements: [Int]
    private(set) var currentIndex = 0

    /// - Parameters:
    ///   - source: The text.
    ///   - index: The position of the array in the outline.
    ///   - path: The array's path.
    init(_ source: ValueSource, at index: Int, _ path: CodingPath) {
        self.source = source
        self.path = path
        elements = source.outline.contents(of: index)
    }

    var codingPath: [any CodingKey] { path.keys }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    /// Moves past null. Does not move past any other value.
    mutating func decodeNil() throws -> Bool {
        guard try decoder("a value").decodeNil() else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try decoder("\(type)").decode(type)
        currentIndex += 1
        return value
    }

    // The standard library's own versions of these two throw an error.
    mutating func decode(_ type: Int128.Type) throws -> Int128 {
        let value = try decoder("\(type)").decode(type)
        currentIndex += 1
        return value
    }

    mutating func decode(_ type: UInt128.Type) throws -> UInt128 {
        let value = try decoder("\(type)").decode(type)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let container = try decoder("an object").container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try decoder("an array").unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try decoder("a value")
        currentIndex += 1
        return decoder
    }

    /// A decoder for the current element.
    private func decoder(_ expected: @autoclosure () -> String) throws -> ValueDecoder {
        let path = CodingPath.element(currentIndex, of: path)
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                JSONText.self, .init(codingPath: path.keys, debugDescription: "expected \(expected()), found nothing"))
        }
        return ValueDecoder(source, at: elements[currentIndex], path)
    }
}
