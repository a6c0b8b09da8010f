/// The format of the package `socket.io-msgpack-parser`: each packet is one binary message, a MessagePack map with the
/// keys `type`, `data`, `nsp` and `id`. Clients must use the same parser.
///
/// Handlers see the same values as with the default parser. Binary data at any depth is an attachment (`Data`,
/// `[UInt8]`), and 64-bit integers keep their value. The dates of a JavaScript client are strings in ISO 8601, as are
/// `Date` values that the server sends. NaN, infinities and `undefined` are null. Packets that are nested deeper than
/// 512 levels, or have more than 1000 binary values, are refused.
///
/// A client's `auth` has no attachments: its binary data becomes arrays of numbers, which `Data` and `[UInt8]` decode
/// too. A client's packet is refused if it has binary data and also a map with the member `_placeholder: true`, which
/// would stand for binary data that the packet already has in its place.
public struct MessagePackParser: PacketParser {
    /// Creates the parser.
    public init() {}

    public func encode(_ packet: Packet) -> [EngineMessage] {
        var writer = MessagePackWriter()
        let type = packet.type.withoutAttachments
        // The order of the keys is that of the official server.
        writer.appendMap(2 + (packet.payload == nil ? 0 : 1) + (packet.acknowledgementID == nil ? 0 : 1))
        if type == .acknowledgement { Self.append(id: packet.acknowledgementID, to: &writer) }
        writer.append("type")
        writer.append(UInt64(type.rawValue))
        if let payload = packet.payload {
            writer.append("data")
            JSONToMessagePack.append(payload, attachments: packet.attachments, to: &writer)
        }
        if type != .acknowledgement { Self.append(id: packet.acknowledgementID, to: &writer) }
        writer.append("nsp")
        writer.append(packet.namespace)
        return [.binary(writer.bytes)]
    }

    private static func append(id: UInt64?, to writer: inout MessagePackWriter) {
        guard let id else { return }
        writer.append("id")
        writer.append(id)
    }

    public func makeDecoder() -> any PacketDecoding { Decoder() }

    private struct Decoder: PacketDecoding {
        mutating func receive(_ message: EngineMessage) throws -> Packet? {
            guard case .binary(let bytes) = message else { throw MessagePackError.textMessage }
            return try MessagePackPacket(bytes).packet()
        }
    }
}

extension PacketParser where Self == MessagePackParser {
    /// The format of the package `socket.io-msgpack-parser`.
    public static var messagePack: MessagePackParser { MessagePackParser() }
}
