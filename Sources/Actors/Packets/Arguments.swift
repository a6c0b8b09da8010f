/// The arguments of an event or acknowledgement, as they travel: JSON values separated by commas, and the attachments
/// that placeholders inside that JSON refer to by number.
///
/// Arguments that were received share the message's bytes. To pass them on, under another name or as an
/// acknowledgement, costs one copy of their text and decodes nothing.
public struct Arguments: Sendable {
    private let storage: [UInt8]
    private let elements: JSONRanges
    /// How many of `elements` come before the first argument: one when they begin with the event's name.
    private let skipped: Int

    /// What the placeholders refer to, in the order of their numbers.
    public let attachments: [[UInt8]]

    /// Takes values that were validated at `elements` of `storage`, separated by nothing but commas and whitespace.
    init(validated storage: [UInt8], elements: JSONRanges, skipping skipped: Int, attachments: [[UInt8]]) {
        self.storage = storage
        self.elements = elements
        self.skipped = Swift.min(skipped, elements.count)
        self.attachments = attachments
    }

    /// Arguments to send. Their text together must be shorter than 4 GiB.
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

    /// Arguments from the `slice` and the `attachments` of others, for example after a journey to another process.
    ///
    /// - Parameters:
    ///   - slice: JSON values separated by commas, without brackets around them. Valid UTF-8.
    ///   - attachments: What placeholders in `slice` refer to. When there are none, placeholders are plain data.
    /// - Throws: `PacketError.invalidPayload` or `.invalidPlaceholder`.
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

    /// The text of all arguments, commas between them, without a copy. Empty when there are none.
    public var slice: ArraySlice<UInt8> {
        guard !isEmpty else { return [] }
        return storage[elements[skipped].lowerBound..<elements[elements.count - 1].upperBound]
    }
}

extension Arguments: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { elements.count - skipped }

    /// One argument: the attachment where the argument is nothing but a placeholder, else its JSON.
    public subscript(position: Int) -> Argument {
        precondition(position >= 0, "argument index out of bounds")
        let text = JSONText(validated: storage, in: elements[skipped + position])
        if !attachments.isEmpty, let number = Placeholder.number(in: text), attachments.indices.contains(number) {
            return .binary(attachments[number])
        }
        return .json(text)
    }
}

extension Arguments: Equatable {
    /// Arguments are equal when they would be sent as the same bytes.
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
    /// A JSON value. One that came out of a binary packet may have placeholders inside; they mean something only
    /// together with the attachments of that packet, so such arguments are passed on as the `Arguments` they came in.
    case json(JSONText)
    /// Binary data, which travels as an attachment.
    case binary([UInt8])
}
