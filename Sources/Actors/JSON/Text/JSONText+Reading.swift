extension JSONText {
    /// True if the value is `null`.
    public var isNull: Bool { kind == .null }

    /// The boolean, or nil if the value is neither `true` nor `false`.
    public var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The number, or nil if the value is not a whole number or does not fit into `Int`. The notation makes no
    /// difference: `3.0` and `3e0` are 3.
    public var integer: Int? {
        kind == .number ? JSONInteger.value(of: utf8, as: Int.self) : nil
    }

    /// The number, or nil if the value is not a number or exceeds the range of `Double`.
    public var number: Double? {
        kind == .number ? JSONNumber.value(of: utf8, as: Double.self) : nil
    }

    /// The decoded string, or nil if the value is not a string. Lone surrogates become U+FFFD.
    public var string: String? {
        guard let content = stringContent else { return nil }
        guard hasEscapes else { return String(decoding: storage[content], as: UTF8.self) }
        return String(decoding: JSONString.unescaped(storage.span.extracting(content)), as: UTF8.self)
    }

    /// Returns the decoded string as UTF-8, or nil if the value is not a string. Lone surrogates become U+FFFD.
    public func utf8String() -> [UInt8]? {
        guard let content = stringContent else { return nil }
        guard hasEscapes else { return Array(storage[content]) }
        return JSONString.unescaped(storage.span.extracting(content))
    }

    /// Returns true if the value is a string of exactly these Unicode scalars. Decodes the value only if necessary.
    public func isString(_ string: String) -> Bool {
        guard let content = stringContent else { return false }
        return JSONString.content(storage.span.extracting(content), equals: string.utf8Span.span)
    }

    /// The values of an array, in order, or nil if the value is not an array.
    public var elements: [JSONText]? {
        guard kind == .array else { return nil }
        var elements: [JSONText] = []
        JSONWalker.forEachElement(of: storage.span, in: range) { element in
            elements.append(JSONText(validated: storage, in: element))
        }
        return elements
    }

    /// The members of an object in the order of the text, including repeated names, or nil if the value is not an
    /// object.
    public var members: [(name: String, value: JSONText)]? {
        guard kind == .object else { return nil }
        var members: [(name: String, value: JSONText)] = []
        JSONWalker.forEachMember(of: storage.span, in: range) { key, value in
            // The walker returns the range between the quotes.
            let name = JSONText(validated: storage, in: key.lowerBound - 1..<key.upperBound + 1)
            members.append((name.string ?? "", JSONText(validated: storage, in: value)))
        }
        return members
    }

    /// The range of the string's content between the quotes, or nil if the value is not a string.
    private var stringContent: Range<Int>? {
        guard kind == .string else { return nil }
        return range.lowerBound + 1..<range.upperBound - 1
    }

    /// True if the value is a string that contains a backslash.
    var hasEscapes: Bool {
        guard let content = stringContent else { return false }
        return JSONString.firstSpecial(in: storage.span.extracting(content), from: 0) < content.count
    }
}
