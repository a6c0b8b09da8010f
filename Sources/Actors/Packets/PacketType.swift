/// The types of Socket.IO packet, numbered as on the wire (Socket.IO protocol 5, "Packet types").
public enum PacketType: UInt8, Sendable {
    /// A client joins a namespace, or the server's answer to that.
    case connect = 0
    /// One side leaves the namespace.
    case disconnect = 1
    /// An event without attachments.
    case event = 2
    /// The answer to an event, without attachments.
    case acknowledgement = 3
    /// The server refuses a client that wants to join a namespace.
    case connectError = 4
    /// An event with attachments.
    case binaryEvent = 5
    /// The answer to an event, with attachments.
    case binaryAcknowledgement = 6

    /// Creates the type for a packet's first byte, or nil for an unknown one.
    init?(digit: UInt8) {
        self.init(rawValue: digit &- UInt8(ascii: "0"))
    }

    var digit: UInt8 { UInt8(ascii: "0") + rawValue }

    /// True if the packet announces the number of attachments that follow it.
    var isBinary: Bool { self == .binaryEvent || self == .binaryAcknowledgement }

    /// True if the packet may carry an acknowledgement id.
    var takesAcknowledgementID: Bool {
        switch self {
        case .event, .binaryEvent, .acknowledgement, .binaryAcknowledgement: true
        case .connect, .disconnect, .connectError: false
        }
    }

    /// The type of the same packet without attachments.
    public var withoutAttachments: PacketType {
        switch self {
        case .binaryEvent: .event
        case .binaryAcknowledgement: .acknowledgement
        default: self
        }
    }

    /// The type of the same packet with attachments.
    var withAttachments: PacketType {
        switch self {
        case .event: .binaryEvent
        case .acknowledgement: .binaryAcknowledgement
        default: self
        }
    }
}
