/// A minimal client side of WebSocket framing (RFC 6455, section 5.2).
enum ClientFrames {
    /// The content of a frame from the server.
    enum Message: Equatable {
        case text(String)
        case binary([UInt8])
        case close(code: Int?)
    }

    /// One masked frame.
    static func frame(opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = [0x80 | opcode]
        switch payload.count {
        case ..<126: frame.append(0x80 | UInt8(payload.count))
        case ..<65_536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            frame.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) { frame.append(UInt8(payload.count >> shift & 0xFF)) }
        }
        let key: [UInt8] = [0x1F, 0x2E, 0x3D, 0x4C]
        frame += key
        frame.reserveCapacity(frame.count + payload.count)
        for (index, byte) in payload.enumerated() { frame.append(byte ^ key[index & 3]) }
        return frame
    }

    static func text(_ text: String) -> [UInt8] { frame(opcode: 1, Array(text.utf8)) }

    /// Parses the frame at `start` and advances `start` past it. Returns nil if the frame is incomplete.
    static func take(from bytes: [UInt8], at start: inout Int) -> Message? {
        guard bytes.count - start >= 2 else { return nil }
        var length = Int(bytes[start + 1] & 0x7F)
        let lengthBytes = length == 126 ? 2 : length == 127 ? 8 : 0
        let payloadStart = start + 2 + lengthBytes
        guard bytes.count >= payloadStart else { return nil }
        if lengthBytes > 0 { length = bytes[start + 2..<payloadStart].reduce(0) { $0 << 8 | Int($1) } }
        guard bytes.count >= payloadStart + length else { return nil }
        let opcode = bytes[start] & 0x0F
        let payload = bytes[payloadStart..<payloadStart + length]
        start = payloadStart + length
        switch opcode {
        case 1: return .text(String(decoding: payload, as: UTF8.self))
        case 8: return .close(code: payload.count < 2 ? nil : payload.prefix(2).reduce(0) { $0 << 8 | Int($1) })
        default: return .binary(Array(payload))
        }
    }
}
