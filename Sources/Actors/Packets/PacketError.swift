/// The reason why a message is not a Socket.IO packet that the client may send now. Each of these errors closes the
/// connection ("parse error").
public enum PacketError: Error, Equatable, Sendable {
    /// The message is empty; it lacks even a packet type.
    case empty
    /// The first byte is not one of the types 0 to 6.
    case unknownType(UInt8)
    /// CONNECT_ERROR, which only servers send.
    case connectErrorFromClient
    /// A binary packet lacks the number of attachments after its type, or the hyphen after the number.
    case missingAttachmentCount
    /// A binary packet announces more attachments than allowed.
    case tooManyAttachments(limit: Int)
    /// An acknowledgement id has more digits than allowed.
    case acknowledgementIDTooLong(limit: Int)
    /// A DISCONNECT packet has data after the namespace.
    case unexpectedPayload
    /// The payload is not valid JSON, or not the kind of value that this type of packet carries.
    case invalidPayload(PacketType, JSONError)
    /// An event's array is empty, so the event has no name.
    case missingEventName
    /// An event's name is not a string.
    case eventNameNotString
    /// An event has a name that the official libraries use for their own events.
    case reservedEventName(String)
    /// A placeholder's `num` is missing, refers to none of the packet's attachments, or is that of another placeholder.
    case invalidPlaceholder(attachments: Int)
    /// A text message arrived while this many attachments were missing.
    case textWhileAttachmentsDue(Int)
    /// A binary message arrived while no attachment was missing.
    case unexpectedAttachment
    /// A packet of a type that carries no binary data has attachments.
    case attachmentsNotAllowed(PacketType)
    /// A namespace does not begin with a slash, or contains a comma.
    case invalidNamespace(String)
}

extension PacketError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "a packet without a type"
        case .unknownType(let byte): "unknown packet type, byte 0x\(String(byte, radix: 16))"
        case .connectErrorFromClient: "CONNECT_ERROR from a client"
        case .missingAttachmentCount: "a binary packet without its number of attachments"
        case .tooManyAttachments(let limit): "more than \(limit) attachments"
        case .acknowledgementIDTooLong(let limit): "an acknowledgement id of more than \(limit) digits"
        case .unexpectedPayload: "DISCONNECT with a payload"
        case .invalidPayload(let type, let error): "invalid payload of a packet of type \(type.rawValue): \(error)"
        case .missingEventName: "an event without a name"
        case .eventNameNotString: "an event whose name is not a string"
        case .reservedEventName(let name): "an event with the reserved name \"\(name)\""
        case .invalidPlaceholder(let count):
            "a placeholder that refers to none of the packet's \(count) attachments, or to the same one as another"
        case .textWhileAttachmentsDue(let count): "a text packet while \(count) attachments are missing"
        case .unexpectedAttachment: "a binary message that no packet announced"
        case .attachmentsNotAllowed(let type): "binary data in a packet of type \(type.rawValue)"
        case .invalidNamespace(let name): "a packet for \(name), which is no name of a namespace"
        }
    }
}
