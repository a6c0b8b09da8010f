/// A client frame, valid or not. It is written from RFC 6455, independently of the code under test.
struct WebSocketClientFrame {
    var opcode: UInt8
    var payload: [UInt8] = []
    var isFinal = true
    var reservedBits: UInt8 = 0
    /// The masking key; nil for a frame that is not masked.
    var key: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D]

    static func text(_ text: String, isFinal: Bool = true) -> Self {
        Self(opcode: 1, payload: [UInt8](text.utf8), isFinal: isFinal)
    }

    static func text(_ bytes: [UInt8], isFinal: Bool = true) -> Self {
        Self(opcode: 1, payload: bytes, isFinal: isFinal)
    }

    static func binary(_ bytes: [UInt8], isFinal: Bool = true) -> Self {
        Self(opcode: 2, payload: bytes, isFinal: isFinal)
    }

    static func continuation(_ text: String, isFinal: Bool = true) -> Self {
        Self(opcode: 0, payload: [UInt8](text.utf8), isFinal: isFinal)
    }

    static func continuation(_ bytes: [UInt8], isFinal: Bool = true) -> Self {
        Self(opcode: 0, payload: bytes, isFinal: isFinal)
    }

    static func ping(_ text: String = "") -> Self {
        Self(opcode: 9, payload: [UInt8](text.utf8))
    }

    static func pong(_ text: String = "") -> Self {
        Self(opcode: 10, payload: [UInt8](text.utf8))
    }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> Self {
        Self(opcode: 8, payload: [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    var bytes: [UInt8] {
        let maskBit: UInt8 = key == nil ? 0 : 0x80
        var bytes = [(isFinal ? 0x80 : 0) | reservedBits << 4 | opcode]
        if payload.count < 126 {
            bytes.append(maskBit | UInt8(payload.count))
        } else if payload.count < 65_536 {
            bytes += [maskBit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        } else {
            bytes.append(maskBit | 127)
            bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        guard let key else { return bytes + payload }
        bytes += key
        for (index, byte) in payload.enumerated() {
            bytes.append(byte ^ key[index % 4])
        }
        return bytes
    }
}

extension [WebSocketClientFrame] {
    var bytes: [UInt8] { flatMap(\.bytes) }
}
