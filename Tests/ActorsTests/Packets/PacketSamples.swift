import Transport

@testable import Actors

extension PacketDecoder {
    /// Decodes a text message from the text that follows Engine.IO's type byte.
    mutating func receive(text: String) throws -> Packet? { try receive(.text(Array("4\(text)".utf8))) }
}

/// Decodes a packet from the text that follows Engine.IO's type byte, and its attachments.
func decodedPacket(_ text: String, attachments: [[UInt8]] = []) throws -> Packet? {
    try decodedPacket(Array("4\(text)".utf8), attachments: attachments)
}

/// Decodes a packet from a message, and its attachments.
/// - Parameters:
///   - message: Engine.IO's type byte and the packet.
///   - attachments: The attachments that follow.
func decodedPacket(_ message: [UInt8], attachments: [[UInt8]]) throws -> Packet? {
    var decoder = PacketDecoder()
    var packet = try decoder.receive(.text(message))
    for attachment in attachments where packet == nil {
        packet = try decoder.receive(.binary(attachment))
    }
    return packet
}

/// The output of an encoder call as a string.
func encodedPacket(_ append: (inout [UInt8]) -> Void) -> String {
    var output: [UInt8] = []
    append(&output)
    return String(decoding: output, as: UTF8.self)
}
