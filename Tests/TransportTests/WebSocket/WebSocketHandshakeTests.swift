import Testing

@testable import Transport

@Suite("WebSocket handshake (RFC 6455 section 4.2)")
struct WebSocketHandshakeTests {
    private static let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

    @Test("the example of section 1.3 gets its exact answer")
    func example() throws {
        let expected =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + Self.accept + "\r\n"
        #expect(try answer() == expected)
    }

    @Test(
        "the token websocket in Upgrade is compared without case",
        arguments: ["websocket", "WebSocket", " WEBSOCKET\t", "h2c, websocket"])
    func upgrade(value: String) throws {
        #expect(try answer(["Upgrade": value]).hasPrefix("HTTP/1.1 101 "))
    }

    @Test(
        "the token upgrade is found in a list in Connection",
        arguments: [
            "Upgrade", "upgrade", "keep-alive, Upgrade", "Upgrade,keep-alive", "a,\tUPGRADE ,b",
            "keep-alive\r\nConnection: Upgrade",
        ])
    func connection(value: String) throws {
        #expect(try answer(["Connection": value]).hasPrefix("HTTP/1.1 101 "))
    }

    @Test("white space around key and version is ignored")
    func whitespace() throws {
        let head = try answer(["Sec-WebSocket-Key": " dGhlIHNhbXBsZSBub25jZQ==\t", "Sec-WebSocket-Version": " 13 "])
        #expect(head.contains(Self.accept))
    }

    @Test(
        "the first offered subprotocol is accepted",
        arguments: [
            ("x", "x"), ("chat, superchat", "chat"), (" a ,b", "a"), ("a\r\nSec-WebSocket-Protocol: b", "a"),
            ("v10.stomp", "v10.stomp"), ("", nil), (",a", nil), ("a b", nil), ("a b, c", nil), ("\"a\"", nil),
            ("é", nil),
            ("a;q=1", nil),
        ] as [(String, String?)])
    func subprotocol(offer: String, spoken: String?) throws {
        let field = spoken.map { "Sec-WebSocket-Protocol: \($0)\r\n" } ?? ""
        #expect(try answer(["Sec-WebSocket-Protocol": offer]).hasSuffix(Self.accept + field + "\r\n"))
    }

    @Test(
        "a request without websocket in Upgrade is not a handshake",
        arguments: [nil, "", "h2c", "websocket2", "web socket", "websocke"])
    func noUpgrade(value: String?) {
        #expect(throws: WebSocketHandshakeError.notWebSocketUpgrade) { try answer(["Upgrade": value]) }
    }

    @Test(
        "a request without upgrade in Connection is not a handshake",
        arguments: [nil, "", "close", "keep-alive", "upgraded", ",,", "up grade"])
    func noConnection(value: String?) {
        #expect(throws: WebSocketHandshakeError.notUpgradeConnection) { try answer(["Connection": value]) }
    }

    @Test(
        "a key that is not the base64 of 16 bytes is refused",
        arguments: [
            nil, "", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25jZSE=",
            "dGhlIHNhbXBsZSBub25jZSEh", "dGhlIHNhbXBsZSBub25j!Q==", "dGhlIHNhbXBsZSBub25jZQ== dGhl", "ключключключ",
            "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ])
    func badKey(value: String?) {
        #expect(throws: WebSocketHandshakeError.invalidKey) { try answer(["Sec-WebSocket-Key": value]) }
    }

    @Test("another version is answered with the supported one", arguments: [nil, "", "8", "12", "14", "013", "13.0"])
    func badVersion(value: String?) {
        let error = WebSocketHandshakeError.unsupportedVersion
        #expect(throws: error) { try answer(["Sec-WebSocket-Version": value]) }
        #expect(error.status == .upgradeRequired)
        #expect(error.headers.map { "\($0): \($1)" } == ["Sec-WebSocket-Version: 13"])
    }

    @Test("a method other than GET is refused", arguments: ["POST", "get", "HEAD"])
    func badMethod(value: String) {
        #expect(throws: WebSocketHandshakeError.methodNotGET) { try answer(method: value) }
    }

    @Test("HTTP/1.0 cannot upgrade")
    func badHTTPVersion() {
        #expect(throws: WebSocketHandshakeError.notHTTP11) { try answer(version: "HTTP/1.0") }
    }

    @Test(
        "every other error is answered with 400 and no additional headers",
        arguments: [
            WebSocketHandshakeError.methodNotGET, .notHTTP11, .notWebSocketUpgrade, .notUpgradeConnection, .invalidKey,
        ])
    func others(error: WebSocketHandshakeError) {
        #expect(error.status == .badRequest && error.headers.isEmpty)
    }

    /// - Parameter changes: fields that replace the usual ones; nil removes a field.
    private func answer(
        _ changes: [String: String?] = [:], method: String = "GET", version: String = "HTTP/1.1"
    ) throws -> String {
        var fields: [String: String?] = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version": "13",
        ]
        fields.merge(changes) { $1 }
        let lines = fields.compactMap { name, value in value.map { "\(name): \($0)\r\n" } }
        let request = try HTTPRequest(parsing: "\(method) / \(version)\r\nHost: a\r\n\(lines.joined())\r\n")
        return String(decoding: try WebSocketHandshake(request.head).response, as: UTF8.self)
    }
}
