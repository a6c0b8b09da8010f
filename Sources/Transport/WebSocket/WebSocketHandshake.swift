/// A valid opening handshake of a client, and the server's answer (RFC 6455 section 4.2).
///
/// A request without a valid handshake is an ordinary request, whatever its Upgrade header says: a server may ignore
/// that header (RFC 9110 section 7.8). No extension is negotiated.
package struct WebSocketHandshake: Sendable, Equatable {
    private let key: [UInt8]
    /// The client's first choice of subprotocol, which the server accepts; nil without a valid offer.
    package let subprotocol: String?

    /// Parses the handshake of a request.
    ///
    /// - Throws: the first error in the request.
    package init(_ head: HTTPRequestHead) throws(WebSocketHandshakeError) {
        guard head.method == .get else { throw .methodNotGET }
        guard head.version == .http11 else { throw .notHTTP11 }
        guard head.headers.contains(token: "websocket", in: "Upgrade") else { throw .notWebSocketUpgrade }
        guard head.headers.contains(token: "upgrade", in: "Connection") else { throw .notUpgradeConnection }
        // Check the version before the key. Not all drafts before version 13 had a key, and clients of those drafts
        // must learn which version is supported.
        let versions = head.headers.rawValues(of: "Sec-WebSocket-Version")
        guard versions.count == 1, versions[0].elementsEqual("13".utf8) else { throw .unsupportedVersion }
        let keys = head.headers.rawValues(of: "Sec-WebSocket-Key")
        guard keys.count == 1, keys[0].count == 24, Base64.decode(Array(keys[0]))?.count == 16 else {
            throw .invalidKey
        }
        key = Array(keys[0])
        let offer = head.headers.listElements(of: "Sec-WebSocket-Protocol").first ?? []
        let isToken = !offer.isEmpty && offer.allSatisfy(HTTPGrammar.isTokenCharacter)
        subprotocol = isToken ? String(decoding: offer, as: UTF8.self) : nil
    }

    /// The bytes of the complete `101 Switching Protocols` response.
    package var response: [UInt8] { response(adding: HTTPFields()) }

    /// The bytes of the response with additional header fields.
    func response(adding fields: HTTPFields) -> [UInt8] {
        // The digest of the key, followed by a fixed identifier, proves that the server has read the key (RFC 6455
        // section 4.2.2).
        let accept = Base64.encodeToString(SHA1.digest(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        var head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += "Sec-WebSocket-Accept: \(accept)\r\n"
        if let subprotocol { head += "Sec-WebSocket-Protocol: \(subprotocol)\r\n" }
        return [UInt8]((head + fields.lines + "\r\n").utf8)
    }
}
