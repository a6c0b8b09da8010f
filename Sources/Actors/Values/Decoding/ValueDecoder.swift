/// Decodes one value of a source.
struct ValueDecoder: Decoder {
    private let source: ValueSource
    private let index: Int
    private let path: CodingPath

    init(_ source: ValueSource, at index: Int, _ path: CodingPath) {
        self.source = source
        self.index = index
        self.path = path
    }

    /// A decoder for a whole text.
    ///
    /// - Throws: `DecodingError.dataCorrupted` if the text exceeds a limit of `JSONScanner`.
    init(_ text: JSONText, attachments: [[UInt8]], _ coding: ValueCoding, at path: CodingPath = .root) throws {
        do {
            self.init(try ValueSource(text, attachments: attachments, coding), at: 0, path)
        } catch {
            throw DecodingError.dataCorrupted(.init(codingPath: path.keys, debugDescription: "\(error)"))
        }
    }

    var codingPath: [any CodingKey] { path.keys }
    var userInfo: [CodingUserInfoKey: Any] { source.coding.userInfo }
    private var text: JSONText { source.text(of: index) }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard text.kind == .object, source.attachment(of: index) == nil else { throw mismatch("an object") }
        return KeyedDecodingContainer(KeyedValueDecoder<Key>(source, at: index, path))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard text.kind == .array else { throw mismatch("an array") }
        return UnkeyedValueDecoder(source, at: index, path)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

extension ValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { text.isNull }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        switch CodedType(type) {
        case .scalar:
            guard let scalar = type as? any JSONScalar.Type, let value = scalar.init(decoding: text) as? Value else {
                throw mismatch("\(type)")
            }
            return value
        case .text: return try result(try undecoded())
        case .argument:
            return try result(try source.attachment(of: index).map(Argument.binary) ?? .json(undecoded()))
        case .bytes:
            guard let attachment = source.attachment(of: index) else { return try Value(from: self) }
            return try result(Self.make(type, attachment))
        case .date: return try decode(type, from: FoundationForms.ownDate(text, source.coding.dates))
        case .url: return try decode(type, from: FoundationForms.ownURL(text))
        case .decimal: return try decode(type, from: FoundationForms.ownDecimal(text))
        case .other: return try Value(from: self)
        }
    }

    // The standard library's own versions of these two throw an error.
    func decode(_ type: Int128.Type) throws -> Int128 {
        guard let value = Int128(decoding: text) else { throw mismatch("\(type)") }
        return value
    }

    func decode(_ type: UInt128.Type) throws -> UInt128 {
        guard let value = UInt128(decoding: text) else { throw mismatch("\(type)") }
        return value
    }

    /// Decodes a type of Foundation from its own form.
    private func decode<Value: Decodable>(_ type: Value.Type, from own: JSONText?) throws -> Value {
        guard let own else { throw mismatch("\(type)") }
        return try Value(from: ValueDecoder(own, attachments: [], source.coding, at: path))
    }

    /// The value's JSON, if it is complete without attachments.
    private func undecoded() throws -> JSONText {
        guard !source.containsAttachments(in: index) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: codingPath, debugDescription: "expected JSON, found JSON with attachments"))
        }
        return text
    }

    /// Creates a collection of bytes. The type is dynamic because Foundation's `Data` is not named here.
    private static func make(_ type: Any.Type, _ bytes: [UInt8]) -> Any? {
        if type == [UInt8].self { return bytes }
        guard let type = type as? any RangeReplaceableCollection<UInt8>.Type else { return nil }
        func make<Bytes: RangeReplaceableCollection<UInt8>>(_ type: Bytes.Type) -> Any { Bytes(bytes) }
        return make(type)
    }

    private func result<Value>(_ value: Any?) throws -> Value {
        guard let value = value as? Value else { throw mismatch("\(Value.self)") }
        return value
    }

    // MARK: Errors

    /// The error for a value that is not what its type expects.
    private func mismatch(_ expected: String) -> DecodingError {
        let context = DecodingError.Context(
            codingPath: codingPath, debugDescription: "expected \(expected), found \(found)")
        return text.isNull ? .valueNotFound(JSONText.self, context) : .typeMismatch(JSONText.self, context)
    }

    /// A description of the value. It includes numbers only, because a long text would flood a log.
    private var found: String {
        switch text.kind {
        case .string: "a string"
        case .number: text.utf8.count <= 40 ? "the number \(text)" : "a number of \(text.utf8.count) characters"
        case .object: source.attachment(of: index) == nil ? "an object" : "an attachment"
        case .array: "an array"
        case .true, .false, .null: text.description
        }
    }
}
