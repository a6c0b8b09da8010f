/// A literal is the JSON value of the same kind: `let text: JSONText = ["name": "Ada", "tags": [1, 2.5, true, nil]]`.
extension JSONText: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation
{
    public init(nilLiteral: ()) {
        self = .null
    }

    public init(booleanLiteral value: Bool) {
        self.init(bool: value)
    }

    public init(integerLiteral value: Int) {
        self.init(integer: value)
    }

    /// - Precondition: The literal is in the range of `Double`.
    public init(floatLiteral value: Double) {
        guard let text = JSONNumber.text(of: value) else {
            fatalError("a JSON number must be finite")
        }
        self.init(validated: Array(text.utf8))
    }

    /// The JSON string with this content. It is not parsed: see `init(validating:)`.
    public init(stringLiteral value: String) {
        self.init(string: value)
    }
}

extension JSONText: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: JSONText...) {
        self.init(array: elements)
    }
}

extension JSONText: ExpressibleByDictionaryLiteral {
    /// Keeps the order of the members. Does not check for duplicate names.
    public init(dictionaryLiteral members: (String, JSONText)...) {
        self.init(object: members)
    }
}
