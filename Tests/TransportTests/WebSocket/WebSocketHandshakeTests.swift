import Testing

@testable import Transport

@Suite("WebSocket handshake (RFC 6455 section 4.2)")
struct WebSocketHandshakeTests {
    @Test("the example of section 1.3 is answered byte for byte")
    func example() throws {
        let expected =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        #expect(try answer() == expected)
    }

    @Test("further headers come before the end of the head")
    func extraHeaders() throws {
        let head = try WebSocketHandshake.response(
            method: "GET", upgrade: "websocket", connection: "Upgrade", key: "dGhlIHNhbXBsZSBub25jZQ==", version: "13",
            extraHeaders: [("Set-Cookie", "io=1"), ("X-A", "b")])
        #expect(String(decoding: head, as: UTF8.self).hasSuffix("xOo=\r\nSet-Cookie: io=1\r\nX-A: b\r\n\r\n"))
    }

    @Test(
        "Upgrade names websocket in any case", arguments: ["websocket", "WebSocket", " WEBSOCKET\t", "h2c, websocket"])
    func upgrade(value: String) throws {
        #expect(try answer(upgrade: value).hasPrefix("HTTP/1.1 101 "))
    }

    @Test(
        "Connection has upgrade among its tokens",
        arguments: [
            "Upgrade", "upgrade", "keep-alive, Upgrade", "Upgrade,keep-alive", "a,\tUPGRADE ,b",
        ])
    func connection(value: String) throws {
        #expect(try answer(connection: value).hasPrefix("HTTP/1.1 101 "))
    }

    @Test("white space around key and version is not part of them")
    func whitespace() throws {
        #expect(
            try answer(key: " dGhlIHNhbXBsZSBub25jZQ==\t", version: " 13 ").contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    }

    @Test("Upgrade without websocket is refused", arguments: [nil, "", "h2c", "websocket2", "web socket", "websocke"])
    func noUpgrade(value: String?) {
        #expect(throws: WebSocketHandshakeError.notWebSocketUpgrade(value)) { try answer(upgrade: value) }
    }

    @Test(
        "Connection without upgrade is refused",
        arguments: [nil, "", "close", "keep-alive", "upgraded", ",,", "up grade"])
    func noConnection(value: String?) {
        #expect(throws: WebSocketHandshakeError.notUpgradeConnection(value)) { try answer(connection: value) }
    }

    @Test(
        "a key that is not the base64 of 16 bytes is refused",
        arguments: [
            nil, "", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25jZSE=",
            "dGhlIHNhbXBsZSBub25jZSEh",
            "dGhlIHNhbXBsZSBub25j!Q==", "dGhlIHNhbXBsZSBub25jZQ== dGhl", "ключключключ",
        ])
    func badKey(value: String?) {
        #expect(throws: WebSocketHandshakeError.invalidKey(value)) { try answer(key: value) }
    }

    @Test("another version is answered with the one spoken here", arguments: [nil, "", "8", "12", "14", "013", "13.0"])
    func badVersion(value: String?) {
        let error = WebSocketHandshakeError.unsupportedVersion(value)
        #expect(throws: error) { try answer(version: value) }
        #expect(error.status == 426)
        #expect(error.headers.map { "\($0): \($1)" } == ["Sec-WebSocket-Version: 13"])
    }

    @Test("another method is refused", arguments: ["POST", "get", "", "CONNECT"])
    func badMethod(value: String) {
        #expect(throws: WebSocketHandshakeError.methodNotGET(value)) { try answer(method: value) }
    }

    @Test("every other error is 400 and says what is wrong")
    func descriptions() {
        let errors: [(WebSocketHandshakeError, String)] = [
            (.methodNotGET("POST"), "method \"POST\" is not GET"),
            (.notWebSocketUpgrade(nil), "Upgrade (missing) does not name websocket"),
            (.notUpgradeConnection("close"), "Connection \"close\" does not name upgrade"),
            (.invalidKey("a"), "Sec-WebSocket-Key \"a\" is not the base64 of 16 bytes"),
        ]
        for (error, description) in errors {
            #expect(error.status == 400)
            #expect(error.headers.isEmpty)
            #expect("\(error)" == description)
        }
    }

    private func answer(
        method: String = "GET", upgrade: String? = "websocket", connection: String? = "Upgrade",
        key: String? = "dGhlIHNhbXBsZSBub25jZQ==", version: String? = "13"
    ) throws -> String {
        let head = try WebSocketHandshake.response(
            method: method, upgrade: upgrade, connection: connection, key: key, version: version)
        return String(decoding: head, as: UTF8.self)
    }
}
