@testable import Actors

/// Decodes a packet given as the text that follows Engine.IO's type byte, with the attachments that follow it.
func decodedPacket(_ text: String, attachments: [[UInt8]] = []) throws -> Packet? {
    try decodedPacket(Array("4\(text)".utf8), from: 1, attachments: attachments)
}

func decodedPacket(_ message: [UInt8], from start: Int, attachments: [[UInt8]]) throws -> Packet? {
    var decoder = PacketDecoder()
    var packet = try decoder.receive(text: message, from: start)
    for attachment in attachments where packet == nil {
        packet = try decoder.receive(binary: attachment)
    }
    return packet
}

/// What an encoder call appends, as a string.
func encodedPacket(_ append: (inout [UInt8]) -> Void) -> String {
    var output: [UInt8] = []
    append(&output)
    return String(decoding: output, as: UTF8.self)
}
