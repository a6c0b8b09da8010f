/// An Engine.IO packet, without the framing of a transport.
enum EnginePacket {
    /// The packet's type character and text.
    case text([UInt8])
    case binary([UInt8])

    /// The packet in polling format.
    var polled: [UInt8] {
        switch self {
        case .text(let text): text
        case .binary(let bytes): [UInt8(ascii: "b")] + Base64Text.encode(bytes)
        }
    }

    /// - Parameter polled: a packet in polling format.
    /// - Returns: nil for invalid Base64.
    init?(polled: ArraySlice<UInt8>) {
        guard polled.first == UInt8(ascii: "b") else {
            self = .text(Array(polled))
            return
        }
        guard let bytes = Base64Text.decode(polled.dropFirst()) else { return nil }
        self = .binary(bytes)
    }
}

extension EnginePacket: ExpressibleByStringLiteral {
    init(stringLiteral text: String) {
        self = .text(Array(text.utf8))
    }
}

extension EnginePacket: CustomStringConvertible {
    var description: String {
        switch self {
        case .text(let text): String(decoding: text, as: UTF8.self)
        case .binary(let bytes): "\(bytes.count) bytes"
        }
    }
}
