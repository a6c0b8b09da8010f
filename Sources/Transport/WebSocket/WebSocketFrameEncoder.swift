/// Encodes the frames of a server, which are never fragmented (FIN is set) and never masked (RFC 6455 section 5.2).
///
/// ```
///  byte 0        byte 1          bytes 2...                     then
/// ┌─┬───┬──────┬─┬─────────────┬──────────────────────────────┬──────────┐
/// │F│RSV│opcode│M│   length    │ extended length (big endian) │ payload  │
/// │1│000│ 4 bit│0│    7 bit    │                              │          │
/// └─┴───┴──────┴─┴─────────────┴──────────────────────────────┴──────────┘
///                  0 ... 125     none                           0 ... 125 bytes
///                  126           16 bit                         126 ... 65 535
///                  127           64 bit, high bit 0             65 536 ...
/// ```
public enum WebSocketFrameEncoder {
    /// The size in bytes of a frame's header.
    ///
    /// - Parameter payloadCount: the size of the payload in bytes.
    public static func headerLength(payloadCount: Int) -> Int {
        switch payloadCount {
        case ...125: 2
        case ...0xFFFF: 4
        default: 10
        }
    }

    /// Appends one complete frame.
    ///
    /// - Parameters:
    ///   - opcode: the type of the frame. Control frames have at most 125 bytes of payload.
    ///   - payload: the payload, valid UTF-8 if the frame is text.
    ///   - output: the array that the frame is appended to.
    @inlinable
    public static func append(
        opcode: WebSocketOpcode, payload: some Collection<UInt8>, to output: inout [UInt8]
    ) {
        appendHeader(opcode: opcode, payloadCount: payload.count, to: &output)
        output.append(contentsOf: payload)
    }

    /// Appends a frame's header. The caller appends the payload, possibly in parts.
    ///
    /// - Parameters:
    ///   - opcode: the type of the frame. Control frames have at most 125 bytes of payload.
    ///   - payloadCount: the size of the payload in bytes.
    ///   - output: the array that the header is appended to.
    public static func appendHeader(opcode: WebSocketOpcode, payloadCount: Int, to output: inout [UInt8]) {
        precondition(!opcode.isControl || payloadCount <= 125, "a control frame has at most 125 bytes of payload")
        output.append(0x80 | opcode.rawValue)
        switch payloadCount {
        case ...125:
            output.append(UInt8(payloadCount))
        case ...0xFFFF:
            output.append(126)
            withUnsafeBytes(of: UInt16(payloadCount).bigEndian) { output.append(contentsOf: $0) }
        default:
            output.append(127)
            withUnsafeBytes(of: UInt64(payloadCount).bigEndian) { output.append(contentsOf: $0) }
        }
    }

    /// Returns one complete frame, in an array of exactly its size.
    ///
    /// - Parameters:
    ///   - opcode: the type of the frame. Control frames have at most 125 bytes of payload.
    ///   - payload: the payload, valid UTF-8 if the frame is text.
    @inlinable
    public static func frame(opcode: WebSocketOpcode, payload: some Collection<UInt8>) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(headerLength(payloadCount: payload.count) + payload.count)
        append(opcode: opcode, payload: payload, to: &frame)
        return frame
    }

    /// Returns a close frame (RFC 6455 section 5.5.1).
    ///
    /// - Parameters:
    ///   - code: the status code; nil for a frame without payload.
    ///   - reason: an explanation for people, cut to 123 bytes of UTF-8. Ignored without a code.
    public static func closeFrame(_ code: WebSocketCloseCode?, reason: String = "") -> [UInt8] {
        guard let code else { return frame(opcode: .close, payload: []) }
        var payload = withUnsafeBytes(of: code.rawValue.bigEndian) { [UInt8]($0) }
        for scalar in reason.unicodeScalars {
            let character = UTF8.encode(scalar)
            guard let character, payload.count + character.count <= 125 else { break }
            payload.append(contentsOf: character)
        }
        return frame(opcode: .close, payload: payload)
    }
}
