import Transport

@testable import Actors

extension PacketDecoder {
    /// Takes the text that follows Engine.IO's type byte.
    mutating func receive(text: String) throws -> Packet? { try receive(.text(Array("4\(text)".utf8))) }
}

/// Decodes a packet given as the text that follows Engine.IO's type byte, with the attachments that follow it.
func decodedPacket(_ text: String, attachments: [[UInt8]] = []) throws -> Packet? {
    try decodedPacket(Array("4\(text)".utf8), attachments: attachments)
}

/// - Parameter message: Engine.IO's type byte and the packet.
func decodedPacket(_ message: [UInt8], attachments: [[UInt8]]) throws -> Packet? {
    var decoder = PacketDecoder()
    var packet = try decoder.receive(.text(message))
    for attachment in attachments where packet == nil {
        packet = try decoder.receive(.binary(attachment))
    }
    return packet
}

/// What an encoder call appends, as a string.
func encodedPacket(_ append: (inout [UInt8]) -> Void) -> String {
    var output: [UInt8] = []
    append(&output)
    return String(decoding: output, as: UTF8.self)
}
