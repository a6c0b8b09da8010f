extension JSONText {
    /// Whether the value is `null`.
    public var isNull: Bool { kind == .null }

    /// The value of `true` or `false`, or nil when it is something else.
    public var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The number, or nil when the value is none, is not whole, or does not fit. How it is written does not matter: `3.0`
    /// and `3e0` are 3.
    public var integer: Int? {
        kind == .number ? JSONInteger.value(of: storage[range]) : nil
    }

    /// The string that the value stands for, or nil when it is none. Lone surrogates become U+FFFD.
    public var string: String? {
        guard let content = stringContent else { return nil }
        guard hasEscapes else { return String(decoding: storage[content], as: UTF8.self) }
        return String(decoding: JSONString.unescaped(storage.span.extracting(content)), as: UTF8.self)
    }

    /// The string's characters as UTF-8, or nil when the value is no string. Lone surrogates become U+FFFD.
    public func utf8String() -> [UInt8]? {
        guard let content = stringContent else { return nil }
        guard hasEscapes else { return Array(storage[content]) }
        return JSONString.unescaped(storage.span.extracting(content))
    }

    /// Whether the value is a string of exactly these characters, without decoding it where that can be avoided.
    public func isString(_ string: String) -> Bool {
        guard let content = stringContent else { return false }
        return JSONString.content(storage.span.extracting(content), equals: string.utf8Span.span)
    }

    /// The values of an array, in order, or nil when the value is no array.
    public var elements: [JSONText]? {
        guard kind == .array else { return nil }
        var elements: [JSONText] = []
        JSONWalker.forEachElement(of: storage.span, in: range) { element in
            elements.append(JSONText(validated: storage, in: element))
        }
        return elements
    }

    /// The value of an object's member, or nil when there is none or the value is no object.
    ///
    /// Names are compared as the bytes they stand for. Of several members with one name the last counts, as in
    /// JavaScript.
    public subscript(member name: String) -> JSONText? {
        guard kind == .object else { return nil }
        var found: Range<Int>?
        let text = storage.span
        JSONWalker.forEachMember(of: text, in: range) { key, value in
            if JSONString.content(text.extracting(key), equals: name.utf8Span.span) { found = value }
        }
        return found.map { JSONText(validated: storage, in: $0) }
    }

    /// Where the string's content is, between the quotes, or nil when the value is no string.
    private var stringContent: Range<Int>? {
        guard kind == .string else { return nil }
        return range.lowerBound + 1..<range.upperBound - 1
    }

    /// Whether the value is a string with a backslash in it.
    var hasEscapes: Bool {
        guard let content = stringContent else { return false }
        return JSONString.firstSpecial(in: storage.span.extracting(content), from: 0) < content.count
    }
}
