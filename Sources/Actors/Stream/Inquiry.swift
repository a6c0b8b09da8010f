/// An event whose recipients may each answer once: clients of all workers, or the other workers.
public struct Inquiry: Sendable, Equatable {
    /// The event and its recipients.
    public enum Target: Sendable, Equatable {
        /// The clients of an audience. A client answers with an acknowledgement.
        case clients(Broadcast)
        /// Every worker except the one that asks.
        case servers(ServerEvent)
    }

    /// The number that the worker chose for the inquiry. The reports about it carry the same number.
    public let number: UInt64
    /// The event and its recipients.
    public let target: Target
    /// The maximum size of all answers that the worker accepts, in bytes; see ``InquiryAnswer/byteCount``.
    public let maxBytes: Int

    /// Creates an inquiry. The properties explain the parameters.
    public init(number: UInt64, target: Target, maxBytes: Int) {
        self.number = number
        self.target = target
        self.maxBytes = maxBytes
    }
}

extension Inquiry.Target {
    /// The size of the event, in bytes.
    var byteCount: Int {
        switch self {
        case .clients(let broadcast): broadcast.event.byteCount
        case .servers(let event): event.byteCount
        }
    }
}

/// An event from one worker to the handlers of the others.
public struct ServerEvent: Sendable, Equatable {
    /// The namespace, with its leading slash.
    public let namespace: String
    /// The event's name.
    public let name: String
    /// The event's arguments.
    public let arguments: EncodedArguments

    /// Creates an event. The properties explain the parameters.
    public init(namespace: String, name: String, arguments: EncodedArguments) {
        self.namespace = namespace
        self.name = name
        self.arguments = arguments
    }

    /// The size of the names and the arguments, in bytes.
    var byteCount: Int { namespace.utf8.count + name.utf8.count + arguments.byteCount }
}

/// Arguments as JSON text and the binary data that the text refers to.
public struct EncodedArguments: Sendable, Equatable {
    /// The JSON values, separated by commas; see ``Arguments/slice``.
    public let text: [UInt8]
    /// The binary data, in the order of the placeholders in the text.
    public let attachments: [[UInt8]]

    /// Creates arguments of an encoded text and its attachments.
    public init(text: [UInt8], attachments: [[UInt8]] = []) {
        self.text = text
        self.attachments = attachments
    }

    init(_ arguments: Arguments) {
        self.init(text: Array(arguments.slice), attachments: arguments.attachments)
    }

    /// The total size of the text and the attachments, in bytes.
    var byteCount: Int { attachments.reduce(text.count) { $0 + $1.count } }

    /// The arguments; nil if the text is not a list of JSON values.
    var decoded: Arguments? { try? Arguments(slice: text, attachments: attachments) }
}
