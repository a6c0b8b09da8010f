extension Arguments {
    /// Encodes values as arguments, in order.
    ///
    /// `[UInt8]` and Foundation's `Data` become attachments, at any depth. `nil` becomes null. A `JSONText` or an
    /// `Argument` is sent unchanged.
    ///
    /// - Parameters:
    ///   - values: The values. The JSON of each may be nested up to 511 levels deep.
    ///   - coding: The form of dates, and the encoder's `userInfo`.
    /// - Throws: `EncodingError.invalidValue` if a value cannot be sent; any error of an `encode(to:)`.
    public init<each Value: Encodable>(
        encoding values: repeat each Value, coding: ValueCoding = .standard
    ) throws {
        // The array of a packet encloses the arguments.
        var writer = ValueWriter(allowsAttachments: true, depth: 1)
        var elements = JSONRanges()
        for value in repeat each values {
            if elements.count > 0 { writer.separate() }
            let encoded = try ValueEncoding(coding).encode(value, at: .element(elements.count, of: .root))
            elements.append(try writer.write(encoded))
        }
        try writer.checkPlaceholders()
        self.init(validated: writer.output, elements: elements, skipping: 0, attachments: writer.attachments)
    }

    /// Decodes one argument.
    ///
    /// An absent argument or null is nil for an Optional type. Binary data decodes to `[UInt8]` and Foundation's
    /// `Data`, at any depth. `[UInt8]` and `Data` also decode from an array of numbers.
    ///
    /// - Parameters:
    ///   - type: The type to decode.
    ///   - position: The position of the argument. The first argument has position 0.
    ///   - coding: The form of dates, and the decoder's `userInfo`.
    /// - Returns: The decoded argument.
    /// - Throws: `ArgumentError` if the argument is missing or does not represent a value of the type; any other error
    ///   of an `init(from:)`.
    public func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, at position: Int = 0, coding: ValueCoding = .standard
    ) throws -> Value {
        precondition(position >= 0, "argument index out of bounds")
        guard position < count else {
            if let type = type as? any Absentable.Type, let absent = type.absent as? Value { return absent }
            throw ArgumentError(position: position, reason: "expected \(type), found nothing")
        }
        do {
            return try ValueDecoder(text(at: position), attachments: attachments, coding).decode(type)
        } catch let error as DecodingError {
            throw ArgumentError(error, position: position)
        }
    }

    /// Decodes two or more arguments, one of each type:
    /// `let (name, age) = try arguments.decode(String.self, Int?.self)`.
    ///
    /// An absent argument or null is nil for an Optional type. Further arguments are ignored.
    ///
    /// - Parameters:
    ///   - first: The type of the first argument.
    ///   - second: The type of the second argument.
    ///   - rest: The types of the following arguments.
    ///   - coding: The form of dates, and the decoder's `userInfo`.
    /// - Returns: The decoded arguments.
    /// - Throws: `ArgumentError` if an argument is missing or does not represent a value of its type; any other error
    ///   of an `init(from:)`.
    public func decode<First: Decodable, Second: Decodable, each Rest: Decodable>(
        _ first: First.Type, _ second: Second.Type, _ rest: repeat (each Rest).Type, coding: ValueCoding = .standard
    ) throws -> (First, Second, repeat each Rest) {
        var position = 0
        func next<Next: Decodable>(_ type: Next.Type) throws -> Next {
            defer { position += 1 }
            return try decode(type, at: position, coding: coding)
        }
        return (try next(first), try next(second), repeat try next(each rest))
    }
}

/// A type that has a value for an absent argument: Optional.
private protocol Absentable {
    static var absent: Self { get }
}

extension Optional: Absentable {
    static var absent: Wrapped? { nil }
}
