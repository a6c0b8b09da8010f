import Transport

/// The default format of Socket.IO: a text message with the packet's JSON, followed by a binary message for each
/// attachment (Socket.IO protocol 5, "Packet encoding").
///
/// A server with this parser does not call it, because the server's own packets have this format. Parsers of an
/// application may call it, for example to change its messages.
public struct JSONPacketParser: PacketParser {
    /// Creates the parser.
    public init() {}

    public func encode(_ packet: Packet) -> [EngineMessage] {
        var text: [UInt8] = []
        PacketEncoder.append(packet, to: &text)
        return [.text(String(decoding: text, as: UTF8.self))] + packet.attachments.map { .binary($0) }
    }

    public func makeDecoder() -> any PacketDecoding { Decoder() }

    private struct Decoder: PacketDecoding {
        private var decoder = PacketDecoder()

        var heldBytes: Int { decoder.heldBytes }

        mutating func receive(_ message: EngineMessage) throws -> Packet? {
            switch message {
            case .text(let text): try decoder.receive(.text([UInt8(ascii: "4")] + text.utf8))
            case .binary(let bytes): try decoder.receive(.binary(bytes))
            }
        }
    }
}

extension PacketParser where Self == JSONPacketParser {
    /// The default format of Socket.IO.
    public static var json: JSONPacketParser { JSONPacketParser() }
}
