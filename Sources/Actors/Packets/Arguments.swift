/// The arguments of an event or acknowledgement in their wire form: JSON values separated by commas, and the
/// attachments that placeholders in that JSON refer to by number.
///
/// Received arguments share the message's bytes. Forwarding them, under another event name or as an acknowledgement,
/// copies their text once and decodes nothing.
public struct Arguments: Sendable {
    private let storage: [UInt8]
    private let elements: JSONRanges
    /// The number of `elements` before the first argument: 1 if they begin with the event's name, else 0.
    private let skipped: Int

    /// The attachments that the placeholders refer to, by number.
    public let attachments: [[UInt8]]

    /// Wraps validated values at `elements` of `storage`, with only commas and whitespace between them.
    init(validated storage: [UInt8], elements: JSONRanges, skipping skipped: Int, attachments: [[UInt8]]) {
        self.storage = storage
        self.elements = elements
        self.skipped = Swift.min(skipped, elements.count)
        self.attachments = attachments
    }

    /// Creates arguments to send. Their combined text must be shorter than 4 GiB.
    public init(_ arguments: [Argument] = []) {
        var storage: [UInt8] = []
        var elements = JSONRanges()
        var attachments: [[UInt8]] = []
        for argument in arguments {
            if elements.count > 0 { storage.append(UInt8(ascii: ",")) }
            let start = storage.count
            switch argument {
            case .json(let text):
                storage.append(contentsOf: text.utf8)
            case .binary(let data):
                Placeholder.append(number: attachments.count, to: &storage)
                attachments.append(data)
            }
            elements.append(start..<storage.count)
        }
        self.init(validated: storage, elements: elements, skipping: 0, attachments: attachments)
    }

    /// Creates arguments from the `slice` and the `attachments` of existing ones, for example in another process.
    ///
    /// - Parameters:
    ///   - slice: JSON values separated by commas, without enclosing brackets. Must be valid UTF-8.
    ///   - attachments: The attachments that placeholders in `slice` refer to. If empty, placeholders are plain data.
    /// - Throws: `PacketError.invalidPayload` if `slice` is not such a list; `PacketError.invalidPlaceholder` if a
    ///   placeholder refers to no attachment, or two refer to the same one.
    public init(slice: [UInt8], attachments: [[UInt8]] = []) throws(PacketError) {
        let elements: JSONRanges
        do {
            elements = try JSONScanner.splitList(slice, in: slice.indices)
        } catch {
            throw .invalidPayload(.event, error)
        }
        if !attachments.isEmpty {
            var check = PlaceholderCheck(slice, attachments: attachments.count)
            guard check.passes(in: slice.indices) else { throw .invalidPlaceholder(attachments: attachments.count) }
        }
        self.init(validated: slice, elements: elements, skipping: 0, attachments: attachments)
    }

    /// The text of all arguments, separated by commas, without a copy. Empty if there are none.
    public var slice: ArraySlice<UInt8> {
        guard !isEmpty else { return [] }
        return storage[elements[skipped].lowerBound..<elements[elements.count - 1].upperBound]
    }
}

extension Arguments: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { elements.count - skipped }

    /// One argument: the attachment if the whole argument is a placeholder, else its JSON.
    public subscript(position: Int) -> Argument {
        precondition(position >= 0, "argument index out of bounds")
        let text = text(at: position)
        if !attachments.isEmpty, let number = Placeholder.number(in: text), attachments.indices.contains(number) {
            return .binary(attachments[number])
        }
        return .json(text)
    }

    /// The JSON of one argument, which may be or contain placeholders.
    func text(at position: Int) -> JSONText {
        JSONText(validated: storage, in: elements[skipped + position])
    }
}

extension Arguments: Equatable {
    /// Arguments are equal if they are sent as the same bytes.
    public static func == (left: Arguments, right: Arguments) -> Bool {
        left.slice == right.slice && left.attachments == right.attachments
    }
}

extension Arguments: ExpressibleByArrayLiteral {
    public init(arrayLiteral arguments: Argument...) {
        self.init(arguments)
    }
}

/// One argument of an event or acknowledgement.
public enum Argument: Sendable, Equatable {
    /// A JSON value. A value from a binary packet may contain placeholders. They refer to the attachments of that
    /// packet, so forward such a value only as part of the `Arguments` it came in.
    case json(JSONText)
    /// Binary data, sent as an attachment.
    case binary([UInt8])
}
