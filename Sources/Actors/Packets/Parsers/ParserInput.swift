import Transport

/// Decodes the messages of one connection with the application's parser, and checks the packets as the default decoder
/// does.
final class ParserInput {
    private var decoder: any PacketDecoding

    /// - Returns: nil for the default parser.
    init?(_ parser: any PacketParser) {
        guard !(parser is JSONPacketParser) else { return nil }
        decoder = parser.makeDecoder()
    }

    /// The size in bytes of the incomplete packet.
    var heldBytes: Int { max(0, decoder.heldBytes) }

    func receive(_ message: ClientMessage) throws -> Packet? {
        guard let packet = try decoder.receive(EngineMessage(message)) else { return nil }
        guard packet.type != .connectError else { throw PacketError.connectErrorFromClient }
        if let name = packet.eventName, let reserved = ReservedEventNames.match(name) {
            throw PacketError.reservedEventName(reserved)
        }
        return packet
    }
}
