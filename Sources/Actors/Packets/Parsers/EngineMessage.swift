import Transport

/// A message of an Engine.IO session, as a ``PacketParser`` reads and writes it: without Engine.IO's own type byte.
public enum EngineMessage: Sendable, Equatable {
    /// A text message.
    case text(String)
    /// A binary message.
    case binary([UInt8])
}

extension EngineMessage {
    /// A message from a client.
    init(_ message: ClientMessage) {
        switch message {
        case .text(let packet): self = .text(String(decoding: packet.dropFirst(), as: UTF8.self))
        case .binary(let bytes): self = .binary(bytes)
        }
    }
}

extension FramesBuilder {
    mutating func append(_ message: EngineMessage) {
        switch message {
        case .text(let text): append([UInt8(ascii: "4")] + text.utf8, isBinary: false)
        case .binary(let bytes): append(bytes, isBinary: true)
        }
    }
}
