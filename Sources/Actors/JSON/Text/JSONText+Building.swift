extension JSONText {
    /// The value `null`.
    public static let null = JSONText(validated: Array("null".utf8))

    /// Creates a JSON string, escaped as JavaScript's `JSON.stringify` does.
    public init(string: String) {
        var output: [UInt8] = []
        output.reserveCapacity(string.utf8.count + 2)
        JSONString.append(string, to: &output)
        self.init(validated: output)
    }

    /// Creates a JSON string from UTF-8.
    ///
    /// - Parameter utf8: Valid UTF-8, for example the result of `utf8String()`.
    public init(utf8String utf8: [UInt8]) {
        var output: [UInt8] = []
        output.reserveCapacity(utf8.count + 2)
        JSONString.append(utf8.span, to: &output)
        self.init(validated: output)
    }

    /// Creates a JSON number.
    public init(integer: Int) {
        var output: [UInt8] = integer < 0 ? [UInt8(ascii: "-")] : []
        output.append(decimal: UInt64(integer.magnitude))
        self.init(validated: output)
    }

    /// Creates a JSON number in the shortest form that keeps its value, as JavaScript's `JSON.stringify` does. Returns
    /// nil for NaN and infinities, which JSON cannot represent.
    public init?(_ number: Double) {
        guard let text = JSONNumber.text(of: number) else { return nil }
        self.init(validated: Array(text.utf8))
    }

    /// Creates the value `true` or `false`.
    public init(bool: Bool) {
        self.init(validated: Array((bool ? "true" : "false").utf8))
    }

    /// Creates a JSON array of the values, in order.
    public init(array: [JSONText]) {
        var output = [UInt8(ascii: "[")]
        for (index, element) in array.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: element.utf8)
        }
        output.append(UInt8(ascii: "]"))
        self.init(validated: output)
    }

    /// Creates a JSON object of the members, in order. Does not check for duplicate names.
    public init(object: [(String, JSONText)]) {
        var output = [UInt8(ascii: "{")]
        for (index, (name, value)) in object.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONString.append(name, to: &output)
            output.append(UInt8(ascii: ":"))
            output.append(contentsOf: value.utf8)
        }
        output.append(UInt8(ascii: "}"))
        self.init(validated: output)
    }
}
