/// A client's half of the opening handshake, well-formed, and the server's answer (RFC 6455 section 4.2).
///
/// A request that is none is an ordinary one, whatever its Upgrade header says: a server may ignore that header
/// (RFC 9110 section 7.8). No extension is negotiated.
public struct WebSocketHandshake: Sendable, Equatable {
    private let key: [UInt8]
    /// The subprotocol that the client offers first, which is the one that is spoken; nil without a valid offer.
    public let subprotocol: String?

    /// Reads the handshake of a request.
    ///
    /// - Throws: the first part of the request that makes it none.
    public init(_ head: HTTPRequestHead) throws(WebSocketHandshakeError) {
        guard head.method == .get else { throw .methodNotGET }
        guard head.version == .http11 else { throw .notHTTP11 }
        guard head.headers.contains(token: "websocket", in: "Upgrade") else { throw .notWebSocketUpgrade }
        guard head.headers.contains(token: "upgrade", in: "Connection") else { throw .notUpgradeConnection }
        // Before the key, which the drafts before version 13 did not all have: they are to learn what is spoken here.
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

    /// The complete `101 Switching Protocols` answer.
    public var response: [UInt8] {
        // The proof that the key was read: SHA-1 of key and protocol identifier (RFC 6455 section 4.2.2).
        let accept = Base64.encodeToString(SHA1.digest(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        var head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += "Sec-WebSocket-Accept: \(accept)\r\n"
        if let subprotocol { head += "Sec-WebSocket-Protocol: \(subprotocol)\r\n" }
        return [UInt8]((head + "\r\n").utf8)
    }
}
