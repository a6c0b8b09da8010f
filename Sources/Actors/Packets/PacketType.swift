/// The types of Socket.IO packet, numbered as on the wire (Socket.IO protocol 5, "Packet types").
public enum PacketType: UInt8, Sendable {
    case connect = 0
    case disconnect = 1
    case event = 2
    case acknowledgement = 3
    case connectError = 4
    case binaryEvent = 5
    case binaryAcknowledgement = 6

    /// The type that a packet's first byte names, or nil when there is none.
    init?(digit: UInt8) {
        self.init(rawValue: digit &- UInt8(ascii: "0"))
    }

    var digit: UInt8 { UInt8(ascii: "0") + rawValue }

    /// Whether the packet says how many attachments follow it.
    var isBinary: Bool { self == .binaryEvent || self == .binaryAcknowledgement }

    /// Whether the packet may carry an acknowledgement id.
    var takesAcknowledgementID: Bool {
        switch self {
        case .event, .binaryEvent, .acknowledgement, .binaryAcknowledgement: true
        case .connect, .disconnect, .connectError: false
        }
    }

    /// The type of the same packet when nothing is attached to it.
    var withoutAttachments: PacketType {
        switch self {
        case .binaryEvent: .event
        case .binaryAcknowledgement: .acknowledgement
        default: self
        }
    }

    /// The type of the same packet when something is attached to it.
    var withAttachments: PacketType {
        switch self {
        case .event: .binaryEvent
        case .acknowledgement: .binaryAcknowledgement
        default: self
        }
    }
}
