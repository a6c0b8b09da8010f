/// The server's half of the opening handshake (RFC 6455 section 4.2). No extension and no subprotocol is negotiated.
public enum WebSocketHandshake {
    /// Checks an upgrade request and answers it.
    ///
    /// - Parameters:
    ///   - method: The request's method.
    ///   - upgrade: The value of its Upgrade header.
    ///   - connection: The value of its Connection header; several headers joined with commas.
    ///   - key: The value of its Sec-WebSocket-Key header.
    ///   - version: The value of its Sec-WebSocket-Version header.
    ///   - extraHeaders: Further headers of the answer, names and values free of line breaks.
    /// - Returns: The bytes of the complete `101 Switching Protocols` answer.
    /// - Throws: A `WebSocketHandshakeError` naming the first part of the request that is wrong.
    public static func response(
        method: some StringProtocol, upgrade: String?, connection: String?, key: String?, version: String?,
        extraHeaders: [(String, String)] = []
    ) throws(WebSocketHandshakeError) -> [UInt8] {
        guard method == "GET" else { throw .methodNotGET(String(method)) }
        guard list(upgrade, names: "websocket") else { throw .notWebSocketUpgrade(upgrade) }
        guard list(connection, names: "upgrade") else { throw .notUpgradeConnection(connection) }
        // Before the key, which the drafts before version 13 did not all have: they are to learn what is spoken here.
        guard let version, trimmed(version.utf8).elementsEqual("13".utf8) else { throw .unsupportedVersion(version) }
        guard let accept = accept(key) else { throw .invalidKey(key) }

        var head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += "Sec-WebSocket-Accept: \(accept)\r\n"
        for (name, value) in extraHeaders {
            precondition(!(name + value).utf8.contains { $0 == 0x0D || $0 == 0x0A }, "a header has no line break")
            head += "\(name): \(value)\r\n"
        }
        return [UInt8]((head + "\r\n").utf8)
    }

    /// The proof that the key was read: SHA-1 of key and protocol identifier, in base64 (RFC 6455 section 4.2.2).
    ///
    /// - Returns: nil if the key is missing or is not the base64 of 16 bytes.
    private static func accept(_ key: String?) -> String? {
        guard let key else { return nil }
        let characters = [UInt8](trimmed(key.utf8))
        guard characters.count == 24, Base64.decode(characters)?.count == 16 else { return nil }
        return Base64.encodeToString(SHA1.digest(characters + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
    }

    /// Whether a comma-separated header value has this token, in any case.
    private static func list(_ value: String?, names token: String) -> Bool {
        guard let value else { return false }
        return value.utf8.split(separator: UInt8(ascii: ",")).contains { element in
            trimmed(element).elementsEqual(token.utf8) { lowercased($0) == $1 }
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// The value without the white space that HTTP allows around it.
    private static func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> some Collection<UInt8> {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let start = bytes.drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return start[start.endIndex...] }
        return start[...last]
    }
}
