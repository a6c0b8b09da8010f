/// Converts JSON to MessagePack without recursion. A placeholder becomes the attachment that it stands for.
///
/// Whole numbers of up to 64 bits keep their value. Other numbers, and those that are written with a fraction or an
/// exponent, become 64-bit floating-point numbers.
struct JSONToMessagePack {
    private let text: [UInt8]
    private let attachments: [[UInt8]]
    private let containers: [JSONContainers.Container]
    /// The index in ``containers`` of the next opening bracket.
    private var nextContainer = 0
    private var writer: MessagePackWriter

    /// Appends a JSON value to the output of a writer.
    /// - Parameters:
    ///   - json: The value.
    ///   - attachments: What the value's placeholders refer to. If empty, placeholders are plain data.
    ///   - writer: The writer to append to.
    static func append(_ json: JSONText, attachments: [[UInt8]], to writer: inout MessagePackWriter) {
        var conversion = JSONToMessagePack(json, attachments: attachments, writer: writer)
        writer = MessagePackWriter()
        conversion.convert(json.range)
        writer = conversion.writer
    }

    private init(_ json: JSONText, attachments: [[UInt8]], writer: MessagePackWriter) {
        text = json.storage
        self.attachments = attachments
        self.writer = writer
        containers = JSONContainers(of: json, attachmentCount: attachments.count).all
    }

    private mutating func convert(_ range: Range<Int>) {
        // A copy of the reference, because the span borrows the array while `self` is mutated.
        let storage = text
        let text = storage.span
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position
            position += 1
            switch text[start] {
            case UInt8(ascii: "\""):
                position = JSONWalker.endOfString(text, from: start, before: range.upperBound)
                appendString(text.extracting(start + 1..<position - 1))
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                position = open(isObject: text[start] == UInt8(ascii: "{"), contentStart: position)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                break
            case let byte where JSONWalker.isSeparator(byte):
                break
            default:
                position = JSONWalker.endOfBareWord(text, from: start, before: range.upperBound)
                appendWord(storage[start..<position])
            }
        }
    }

    /// Appends the head of a container, or the attachment that it stands for.
    /// - Returns: The offset at which to continue.
    private mutating func open(isObject: Bool, contentStart: Int) -> Int {
        let container = containers[nextContainer]
        if let attachment = container.attachment {
            writer.append(binary: attachments[attachment])
            nextContainer = container.next
            return container.end
        }
        nextContainer += 1
        if isObject { writer.appendMap(container.count) } else { writer.appendArray(container.count) }
        return contentStart
    }

    private mutating func appendString(_ content: Span<UInt8>) {
        if JSONString.firstSpecial(in: content, from: 0) == content.count {
            writer.append(utf8: content)
        } else {
            writer.append(utf8: JSONString.unescaped(content).span)
        }
    }

    private mutating func appendWord(_ word: ArraySlice<UInt8>) {
        switch word.first {
        case UInt8(ascii: "n"): writer.appendNull()
        case UInt8(ascii: "t"): writer.append(true)
        case UInt8(ascii: "f"): writer.append(false)
        default: appendNumber(String(decoding: word, as: UTF8.self))
        }
    }

    private mutating func appendNumber(_ text: String) {
        if text == "-0" {
            writer.append(-0.0)
        } else if let value = Int64(text) {
            writer.append(value)
        } else if let value = UInt64(text) {
            writer.append(value)
        } else {
            // A number beyond the range of a double is an infinity, as in JavaScript's `JSON.parse`.
            writer.append(Double(text) ?? .infinity)
        }
    }
}
