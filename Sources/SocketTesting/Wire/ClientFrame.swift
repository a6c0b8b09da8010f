/// Encodes the WebSocket frames of a client.
enum ClientFrame {
    /// A whole message. The masking key is 0, which leaves the payload as it is.
    static func encode(_ payload: [UInt8], isText: Bool) -> [UInt8] {
        var frame: [UInt8] = [0x80 | (isText ? 1 : 2)]
        switch payload.count {
        case ..<126: frame.append(0x80 | UInt8(payload.count))
        case ..<65_536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            frame.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) { frame.append(UInt8(payload.count >> shift & 0xFF)) }
        }
        frame += [0, 0, 0, 0]
        return frame + payload
    }
}
