import Transport

/// Converts a MessagePack value to JSON and attachments, in one pass and without recursion.
///
/// Binary values become attachments, with a placeholder each, or arrays of numbers. What JSON lacks becomes what
/// JavaScript's `JSON.stringify` makes of the value that the official parser decodes: NaN, infinities and `undefined`
/// become null, and dates become strings in ISO 8601. As in that parser, an unknown extension becomes an array of its
/// type and its content, and a key that is a whole number becomes a string.
struct MessagePackToJSON {
    /// The maximum number of attachments of a packet.
    static let maxAttachments = 1000

    private struct Container {
        let isMap: Bool
        /// The number of keys and values that have not begun yet.
        var missing: Int
        let count: Int

        init(isMap: Bool, count: Int) {
            self.isMap = isMap
            self.count = count
            missing = count
        }

        var awaitsKey: Bool { isMap && missing.isMultiple(of: 2) }
    }

    private let message: [UInt8]
    /// False if binary values become arrays of numbers.
    private let allowsAttachments: Bool
    private(set) var json: [UInt8] = []
    private(set) var attachments: [[UInt8]] = []
    private var containers: [Container] = []

    /// - Parameters:
    ///   - message: The array that the reader reads.
    ///   - allowsAttachments: False if binary values become arrays of numbers.
    init(_ message: [UInt8], allowsAttachments: Bool = true) {
        self.message = message
        self.allowsAttachments = allowsAttachments
    }

    /// Converts the value that begins with a token.
    mutating func convert(
        _ first: MessagePackToken, from reader: inout MessagePackReader
    ) throws(MessagePackError) {
        try appendValue(first)
        while let container = containers.last {
            guard container.missing > 0 else {
                json.append(UInt8(ascii: container.isMap ? "}" : "]"))
                containers.removeLast()
                continue
            }
            containers[containers.count - 1].missing -= 1
            if container.missing < container.count {
                let follows = container.isMap && !container.awaitsKey ? ":" : "," as Unicode.Scalar
                json.append(UInt8(ascii: follows))
            }
            if container.awaitsKey {
                try appendKey(try reader.next())
            } else {
                try appendValue(try reader.next())
            }
        }
    }

    private mutating func appendKey(_ token: MessagePackToken) throws(MessagePackError) {
        switch token {
        case .string(let range): try appendString(range)
        case .unsigned(let value): JSONString.append(String(value), to: &json)
        case .negative(let value): JSONString.append(String(value), to: &json)
        default: throw .invalidKey
        }
    }

    private mutating func appendValue(_ token: MessagePackToken) throws(MessagePackError) {
        switch token {
        case .null: appendNull()
        case .bool(let value): json.append(contentsOf: (value ? "true" : "false").utf8)
        case .negative(let value): json.append(contentsOf: String(value).utf8)
        case .unsigned(let value): json.append(decimal: value)
        case .float(let value): appendText(JSONNumber.text(of: value))
        case .string(let range): try appendString(range)
        case .binary(let range): try appendBinary(range)
        case .array(let count): try open(Container(isMap: false, count: count))
        case .map(let count): try open(Container(isMap: true, count: 2 * count))
        case .extension where token.isUndefined: appendNull()
        case .extension(let value): try append(value)
        }
    }

    private mutating func open(_ container: Container) throws(MessagePackError) {
        guard containers.count < JSONScanner.depthLimit else { throw .tooDeep(limit: JSONScanner.depthLimit) }
        json.append(UInt8(ascii: container.isMap ? "{" : "["))
        containers.append(container)
    }

    private mutating func appendNull() {
        json.append(contentsOf: "null".utf8)
    }

    /// Appends JSON, or null for a value that JSON lacks.
    private mutating func appendText(_ text: String?) {
        guard let text else { return appendNull() }
        json.append(contentsOf: text.utf8)
    }

    private mutating func appendString(_ range: Range<Int>) throws(MessagePackError) {
        // A copy of the reference, because the span borrows the array while `self` is mutated.
        let message = message
        let isValid = message.withUnsafeBytes { UTF8Validator.isValid(UnsafeRawBufferPointer(rebasing: $0[range])) }
        guard isValid else { throw .invalidText }
        JSONString.append(message.span.extracting(range), to: &json)
    }

    private mutating func appendBinary(_ range: Range<Int>) throws(MessagePackError) {
        guard allowsAttachments else { return try appendNumbers(message[range]) }
        guard attachments.count < Self.maxAttachments else { throw .tooManyAttachments(limit: Self.maxAttachments) }
        Placeholder.append(number: attachments.count, to: &json)
        attachments.append(Array(message[range]))
    }

    private mutating func appendNumbers(_ bytes: ArraySlice<UInt8>) throws(MessagePackError) {
        try openWrittenArray()
        for (index, byte) in bytes.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            json.append(decimal: UInt64(byte))
        }
    }

    /// Opens an array whose elements the caller appends. The next step of the conversion closes it.
    private mutating func openWrittenArray() throws(MessagePackError) {
        try open(Container(isMap: false, count: 0))
    }

    private mutating func append(_ value: MessagePackExtension) throws(MessagePackError) {
        if let milliseconds = MessagePackTimestamp.milliseconds(of: value, in: message) {
            return appendText(ISO8601.text(milliseconds: milliseconds).map { "\"\($0)\"" })
        }
        // The form of binary data in the official parser up to version 3.0.1.
        if value.type == 0, !value.isFixed { return try appendBinary(value.content) }
        try openWrittenArray()
        json.append(contentsOf: "\(value.type),".utf8)
        try appendBinary(value.content)
    }
}
