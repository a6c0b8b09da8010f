/// Why a message is no Socket.IO packet that a server takes from a client now. Each of them ends the connection
/// ("parse error").
public enum PacketError: Error, Equatable, Sendable {
    /// The message has no bytes, not even a packet type.
    case empty
    /// The first byte is none of the types 0 to 6.
    case unknownType(UInt8)
    /// CONNECT_ERROR, which only servers send.
    case connectErrorFromClient
    /// A binary packet does not begin with a number of attachments and a hyphen.
    case missingAttachmentCount
    /// A binary packet announces more attachments than allowed.
    case tooManyAttachments(limit: Int)
    /// An acknowledgement id has more digits than allowed.
    case acknowledgementIDTooLong(limit: Int)
    /// DISCONNECT with something after the namespace.
    case unexpectedPayload
    /// The payload is not JSON, or not the kind of value that this type of packet carries.
    case invalidPayload(PacketType, JSONError)
    /// An event's array has no element, so the event has no name.
    case missingEventName
    /// An event's name is no string.
    case eventNameNotString
    /// An event has a name that the libraries use for their own events.
    case reservedEventName(String)
    /// A placeholder's `num` is missing or numbers none of the packet's attachments.
    case invalidPlaceholder(attachments: Int)
    /// A text message came while attachments were due.
    case textWhileAttachmentsDue(Int)
    /// A binary message came while no attachment was due.
    case unexpectedAttachment
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
        case .eventNameNotString: "an event whose name is no string"
        case .reservedEventName(let name): "an event with the reserved name \"\(name)\""
        case .invalidPlaceholder(let count): "a placeholder for none of the packet's \(count) attachments"
        case .textWhileAttachmentsDue(let count): "a text packet while \(count) attachments are due"
        case .unexpectedAttachment: "a binary message that no packet announced"
        }
    }
}
