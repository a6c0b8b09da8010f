/// Decodes the WebSocket frames of a server, which are unmasked and not fragmented (RFC 6455, section 5.2).
struct ServerFrames {
    enum Frame: Equatable {
        case text([UInt8])
        case binary([UInt8])
        case close(code: Int?)
    }

    private var unparsed: [UInt8] = []

    /// Adds bytes of the server.
    /// - Returns: The frames that are complete.
    mutating func receive(_ bytes: some Sequence<UInt8>) -> [Frame] {
        unparsed += bytes
        var frames: [Frame] = []
        var start = 0
        while let frame = Self.frame(in: unparsed, from: &start) { frames.append(frame) }
        unparsed.removeFirst(start)
        return frames
    }

    private static func frame(in bytes: [UInt8], from start: inout Int) -> Frame? {
        guard bytes.count - start >= 2 else { return nil }
        var length = Int(bytes[start + 1] & 0x7F)
        let lengthBytes = length == 126 ? 2 : length == 127 ? 8 : 0
        let payloadStart = start + 2 + lengthBytes
        guard bytes.count >= payloadStart else { return nil }
        if lengthBytes > 0 { length = bytes[start + 2..<payloadStart].reduce(0) { $0 << 8 | Int($1) } }
        guard bytes.count - payloadStart >= length else { return nil }
        let opcode = bytes[start] & 0x0F
        let payload = Array(bytes[payloadStart..<payloadStart + length])
        start = payloadStart + length
        switch opcode {
        case 1: return .text(payload)
        case 8: return .close(code: payload.count < 2 ? nil : Int(payload[0]) << 8 | Int(payload[1]))
        default: return .binary(payload)
        }
    }
}
