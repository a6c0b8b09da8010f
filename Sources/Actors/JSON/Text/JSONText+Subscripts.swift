extension JSONText {
    /// The value of an object's member, or nil if the member is missing or the value is not an object.
    ///
    /// Compares the decoded bytes of names. If a name repeats, the last member counts, as in JavaScript. The time is
    /// linear in the size of the object.
    public subscript(name: String) -> JSONText? {
        guard kind == .object else { return nil }
        var found: Range<Int>?
        let text = storage.span
        JSONWalker.forEachMember(of: text, in: range) { key, value in
            if JSONString.content(text.extracting(key), equals: name.utf8Span.span) { found = value }
        }
        return found.map { JSONText(validated: storage, in: $0) }
    }

    /// The element of an array, or nil if the array is shorter or the value is not an array.
    ///
    /// The time is linear in the size of the array, so use `elements` to visit all of them.
    public subscript(index: Int) -> JSONText? {
        guard kind == .array else { return nil }
        var position = 0
        var found: Range<Int>?
        JSONWalker.forEachElement(of: storage.span, in: range) { element in
            if position == index { found = element }
            position += 1
        }
        return found.map { JSONText(validated: storage, in: $0) }
    }
}

extension JSONText {
    /// Calls `body` with each member of an object whose name has at most `maxLength` bytes of UTF-8, in order and in
    /// one pass. Longer names are not decoded. Does nothing for a value of another kind.
    package func forEachMember(namesUpTo maxLength: Int, _ body: (String, JSONText) -> Void) {
        guard kind == .object else { return }
        let text = storage.span
        JSONWalker.forEachMember(of: text, in: range) { key, value in
            // A byte takes at most the six characters of an escape.
            guard key.count <= 6 * maxLength else { return }
            let name = JSONString.unescaped(text.extracting(key))
            guard name.count <= maxLength else { return }
            body(String(decoding: name, as: UTF8.self), JSONText(validated: storage, in: value))
        }
    }

    /// The elements of an array, in order; nil if the value is not an array or has more than `limit` elements.
    package func elements(upTo limit: Int) -> [JSONText]? {
        guard kind == .array else { return nil }
        var elements: [JSONText] = []
        var count = 0
        JSONWalker.forEachElement(of: storage.span, in: range) { element in
            count += 1
            if count <= limit { elements.append(JSONText(validated: storage, in: element)) }
        }
        return count <= limit ? elements : nil
    }
}

/// Chains of subscripts, such as `value["users"][0]["name"]?.string`, need no question mark between them.
extension JSONText? {
    /// The value of an object's member, or nil if anything on the way to it is missing or of another kind.
    public subscript(name: String) -> JSONText? { self?[name] }

    /// The element of an array, or nil if anything on the way to it is missing or of another kind.
    public subscript(index: Int) -> JSONText? { self?[index] }
}
