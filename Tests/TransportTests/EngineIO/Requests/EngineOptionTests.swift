import TestSupport
import Testing

@testable import Transport

@Suite("Engine.IO options: transports, upgrades, the path, session ids and the cookie")
struct EngineOptionTests {
    private static let polling = "/socket.io/?EIO=4&transport=polling"
    private static let unknownTransport = #"{"code":0,"message":"Transport unknown"}"#

    @Test("without a transport, its requests are refused with code 0, and no upgrade is offered")
    func transports() async throws {
        var options = EngineOptions()
        options.transports = .polling
        try await EngineFixture.run(options) { server in
            #expect(try await server.answer().contains(#""upgrades":[],"#))
            let webSocket = try await server.handshake()
            #expect(try await webSocket.client.read { $0.hasSuffix("}") }.hasSuffix(Self.unknownTransport))
            #expect(server.refused.map(\.context) == [.transport("websocket")])
        }
        options.transports = .webSocket
        try await EngineFixture.run(options) { server in
            let polling = try await server.answer()
            #expect(polling.hasSuffix(Self.unknownTransport))
            #expect(try await server.handshake().head.hasPrefix("HTTP/1.1 101 "))
        }
    }

    @Test("with allowsUpgrades false, no upgrade is offered, and an attempt is refused without harm to the session")
    func upgrades() async throws {
        var options = EngineOptions()
        options.allowsUpgrades = false
        try await EngineFixture.run(options) { server in
            let opened = try await server.answer()
            #expect(opened.contains(#""upgrades":[],"#))
            let id = try #require(opened.firstMatch(of: /"sid":"([^"]+)"/)).1
            let head = try await server.handshake("/socket.io/?EIO=4&transport=websocket&sid=\(id)").head
            #expect(head.hasPrefix("HTTP/1.1 400 "))
            #expect(server.refused.map(\.context) == [.transportMismatch])
            #expect(try await server.answer("POST", Self.polling + "&sid=\(id)", body: "4a").hasSuffix("ok"))
            #expect(try await server.handshake().head.hasPrefix("HTTP/1.1 101 "))
        }
    }

    @Test("a session that upgrades notifies its handler, which sees the new transport")
    func upgraded() async throws {
        try await EngineFixture.run(EngineOptions()) { server in
            let id = try await server.open()
            let client = try await server.handshake("/socket.io/?EIO=4&transport=websocket&sid=\(id)").client
            client.send(frame: "2probe")
            _ = try await client.read { $0.hasSuffix("3probe") }
            client.send(frame: "5")
            client.send(frame: "4a")
            let text = try await client.read { $0.hasSuffix("4a") }
            #expect(text.contains("4upgraded to websocket"))
        }
    }

    @Test(
        "the path without its slash is answered only with addsTrailingSlash false",
        arguments: [
            (true, "/socket.io/", 200), (true, "/socket.io", 404), (false, "/socket.io/", 200),
            (false, "/socket.io", 200), (false, "/socket.iox", 404),
        ])
    func trailingSlash(addsTrailingSlash: Bool, path: String, status: Int) async throws {
        var options = EngineOptions(origins: .any)
        options.addsTrailingSlash = addsTrailingSlash
        try await EngineFixture.run(options) { server in
            let answer = try await server.answer("GET", path + "?EIO=4&transport=polling")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.contains("Access-Control-Allow-Origin: *") == (status == 200))
        }
    }

    @Test("the application's session ids are used, and one of an open session is refused")
    func generateID() async throws {
        let id = try #require(SessionID("abcdefghijklmnopqrst"))
        var options = EngineOptions()
        options.generateID { _ in id }
        try await EngineFixture.run(options) { server in
            let opened = try await server.open()
            #expect(opened == "abcdefghijklmnopqrst")
            #expect(try await server.answer().hasSuffix(#"{"code":3,"message":"Bad request"}"#))
            #expect(try await server.handshake().head.hasPrefix("HTTP/1.1 400 "))
            #expect(server.refused.map(\.context) == [.usedSessionID(id), .usedSessionID(id)])
            #expect(await server.sessionCount == 1)
        }
    }

    @Test("the cookie with the session id is set by the first answer of a polling session only")
    func cookie() async throws {
        var options = EngineOptions()
        options.cookie = try SessionCookie()
        try await EngineFixture.run(options) { server in
            let answer = try await server.answer()
            let id = try #require(answer.firstMatch(of: /"sid":"([^"]+)"/)).1
            #expect(answer.contains("\r\nSet-Cookie: io=\(id); Path=/; HttpOnly; SameSite=Lax\r\n"))
            let post = try await server.answer("POST", Self.polling + "&sid=\(id)", body: "4a")
            #expect(post.hasSuffix("ok") && !post.contains("Set-Cookie"))
            #expect(try await server.handshake().head.contains("Set-Cookie") == false)
        }
        try await EngineFixture.run(EngineOptions()) { server in
            let answer = try await server.answer()
            #expect(!answer.contains("Set-Cookie"))
        }
    }

    @Test("the attributes of a cookie")
    func cookieAttributes() throws {
        let id = try #require(SessionID("abcdefghijklmnopqrst"))
        let cookie = try SessionCookie(
            name: "sid", path: nil, domain: "chat.example", maxAge: .seconds(60), isHTTPOnly: false, isSecure: true,
            sameSite: SessionCookie.SameSite.none)
        let expected = "sid=abcdefghijklmnopqrst; Max-Age=60; Domain=chat.example; Secure; SameSite=None"
        #expect(cookie.header(id) == expected)
        #expect(try SessionCookie(path: nil, isHTTPOnly: false, sameSite: nil).header(id) == "io=abcdefghijklmnopqrst")
        #expect(throws: HTTPFields.FieldError.self) { try SessionCookie(name: "a b") }
        #expect(throws: HTTPFields.FieldError.self) { try SessionCookie(name: "") }
        #expect(throws: HTTPFields.FieldError.self) { try SessionCookie(path: "/; Domain=evil") }
        #expect(throws: HTTPFields.FieldError.self) { try SessionCookie(domain: "a\r\nb") }
    }
}
