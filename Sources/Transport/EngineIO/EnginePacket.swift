/// A packet from a client: one WebSocket message, or one element of a polling payload (Engine.IO protocol 4, "Packet
/// encoding").
enum EnginePacket: Equatable {
    case message(ClientMessage)
    case pong
    /// A packet type that has no meaning when a client sends it: open, ping, upgrade, noop.
    case other
    case close

    var isMessage: Bool {
        if case .message = self { true } else { false }
    }

    /// The ping packet, shared by all sessions.
    static let ping = Frames(text: "2")

    /// An input that is not a packet.
    struct ParseError: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Parses a message as a packet.
    /// - Throws: ``ParseError`` for an empty packet, an unknown type, or invalid base64.
    init(_ message: ClientMessage) throws(ParseError) {
        guard case .text(let text) = message else {
            self = .message(message)
            return
        }
        switch text.first {
        case UInt8(ascii: "4"):
            self = .message(message)
        case UInt8(ascii: "b"):
            guard let binary = Base64.decode(Array(text.dropFirst())) else {
                throw ParseError(description: "binary packet is not base64")
            }
            self = .message(.binary(binary))
        case UInt8(ascii: "3"):
            self = .pong
        case UInt8(ascii: "0"), UInt8(ascii: "2"), UInt8(ascii: "5"), UInt8(ascii: "6"):
            self = .other
        case UInt8(ascii: "1"):
            self = .close
        case nil:
            throw ParseError(description: "empty packet")
        default:
            throw ParseError(description: "packet of an unknown type")
        }
    }
}
