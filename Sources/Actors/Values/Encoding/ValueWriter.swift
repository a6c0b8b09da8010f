/// Writes encoded values as JSON, and numbers their attachments in the order of the text.
struct ValueWriter {
    private(set) var output: [UInt8] = []
    private(set) var attachments: [[UInt8]] = []

    /// False if binary data becomes arrays of numbers.
    private let allowsAttachments: Bool
    /// The number of containers that enclose the next value.
    private var depth: Int
    /// True if an object of the application looks like a placeholder.
    private var hasLookalike = false
    private var copiedTexts: [Range<Int>] = []

    /// - Parameters:
    ///   - allowsAttachments: False if binary data becomes arrays of numbers.
    ///   - depth: The number of containers that will enclose the output.
    init(allowsAttachments: Bool, depth: Int) {
        self.allowsAttachments = allowsAttachments
        self.depth = depth
    }

    /// Writes a value.
    ///
    /// - Returns: The range of the value in the output.
    /// - Throws: `EncodingError.invalidValue` if the value is nested too deep.
    @discardableResult
    mutating func write(_ value: EncodedValue) throws -> Range<Int> {
        let start = output.count
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let string): JSONString.append(string, to: &output)
        case .text(let text): try copy(text)
        case .binary(let data): writeBinary(data)
        case .array(let array): try writeArray(array)
        case .object(let object): try writeObject(object)
        case .slot(let slot): try write(slot.value ?? .object(EncodedObject()))
        }
        return start..<output.count
    }

    /// Appends a comma.
    mutating func separate() {
        output.append(UInt8(ascii: ","))
    }

    /// Checks that clients will find attachments only where they were written.
    ///
    /// - Throws: `EncodingError.invalidValue` if there are attachments, and also an object of the application that a
    ///   client would replace by one.
    func checkPlaceholders() throws {
        guard !attachments.isEmpty else { return }
        let isClear =
            !hasLookalike
            && copiedTexts.allSatisfy { range in
                var check = PlaceholderCheck(output, attachments: 0)
                return check.passes(in: range)
            }
        guard isClear else {
            throw Self.invalid("an object whose `_placeholder` is true cannot be sent together with binary data")
        }
    }

    private mutating func copy(_ text: JSONText) throws {
        guard depth + JSONWalker.depth(of: text.utf8) <= JSONScanner.depthLimit else { throw Self.tooDeep }
        let start = output.count
        output.append(contentsOf: text.utf8)
        copiedTexts.append(start..<output.count)
    }

    private mutating func writeBinary(_ data: [UInt8]) {
        if allowsAttachments {
            Placeholder.append(number: attachments.count, to: &output)
            attachments.append(data)
        } else {
            output.append(UInt8(ascii: "["))
            for (index, byte) in data.enumerated() {
                if index > 0 { separate() }
                output.append(decimal: UInt64(byte))
            }
            output.append(UInt8(ascii: "]"))
        }
    }

    private mutating func writeArray(_ array: EncodedArray) throws {
        try open(UInt8(ascii: "["))
        for (index, element) in array.elements.enumerated() {
            if index > 0 { separate() }
            try write(element)
        }
        close(UInt8(ascii: "]"))
    }

    private mutating func writeObject(_ object: EncodedObject) throws {
        try open(UInt8(ascii: "{"))
        for (index, (name, value)) in object.members.enumerated() {
            if index > 0 { separate() }
            JSONString.append(name, to: &output)
            output.append(UInt8(ascii: ":"))
            let range = try write(value)
            if name == Placeholder.flag, output[range].elementsEqual("true".utf8) { hasLookalike = true }
        }
        close(UInt8(ascii: "}"))
    }

    private mutating func open(_ bracket: UInt8) throws {
        guard depth < JSONScanner.depthLimit else { throw Self.tooDeep }
        depth += 1
        output.append(bracket)
    }

    private mutating func close(_ bracket: UInt8) {
        depth -= 1
        output.append(bracket)
    }

    private static var tooDeep: EncodingError { invalid("nested deeper than \(JSONScanner.depthLimit) levels") }

    private static func invalid(_ description: String) -> EncodingError {
        .invalidValue(description, EncodingError.Context(codingPath: [], debugDescription: description))
    }
}
