extension WebSocketFrameEncoder {
    /// A close frame (RFC 6455 section 5.5.1).
    ///
    /// - Parameters:
    ///   - code: Why, or nil for a frame without payload.
    ///   - reason: An explanation for people, cut to the 123 bytes of UTF-8 that fit. Left out when there is no code.
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
