/// The types of Socket.IO packet, numbered as on the wire (Socket.IO protocol 5, "Packet types").
public enum PacketType: UInt8, Sendable {
    case connect = 0
    case disconnect = 1
    case event = 2
    case acknowledgement = 3
    case connectError = 4
    case binaryEvent = 5
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
