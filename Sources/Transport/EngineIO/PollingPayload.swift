/// The body of a polling request: packets joined by 0x1E (Engine.IO protocol 4, "HTTP long-polling").
enum PollingPayload {
    static let separator: UInt8 = 0x1E

    /// What a client may send in one packet.
    enum Packet: Equatable {
        case close
        /// One that means nothing from a client: open, ping, upgrade, noop.
        case other
        case pong
        case message(EngineMessage)
    }

    /// A payload that is not one.
    struct ParseError: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Calls `handle` with each packet in order until one does not parse; those before it count.
    /// - Throws: ``ParseError`` for an empty or unknown packet, bad base64 or a text that is not UTF-8.
    static func decode(_ body: [UInt8], _ handle: (Packet) -> Bool) throws(ParseError) {
        guard UTF8Validator.isValid(body) else { throw ParseError(description: "payload is not UTF-8") }
        var start = 0
        while true {
            let end = body[start...].firstIndex(of: separator) ?? body.count
            guard handle(try packet(body[start..<end])) else { return }
            guard end < body.count else { return }
            start = end + 1
        }
    }

    private static func packet(_ bytes: ArraySlice<UInt8>) throws(ParseError) -> Packet {
        switch bytes.first {
        case UInt8(ascii: "4"):
            return .message(.text(Array(bytes)))
        case UInt8(ascii: "b"):
            guard let binary = Base64.decode(Array(bytes.dropFirst())) else {
                throw ParseError(description: "binary packet is not base64")
            }
            return .message(.binary(binary))
        case UInt8(ascii: "3"):
            return .pong
        case UInt8(ascii: "0"), UInt8(ascii: "2"), UInt8(ascii: "5"), UInt8(ascii: "6"):
            return .other
        case UInt8(ascii: "1") where bytes.count == 1:
            return .close
        case nil:
            throw ParseError(description: "empty packet")
        default:
            throw ParseError(description: "packet of an unknown type")
        }
    }
}
