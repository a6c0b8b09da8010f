import Cluster
import SocketTesting
import Testing

@Suite("Options and routes of the server")
struct ServerOptionCases {
    private let poll = "?EIO=4&transport=polling"

    private func options(_ change: (inout EngineOptions) throws -> Void) rethrows -> ServerOptions {
        var options = ServerOptions()
        try change(&options.engine)
        return options
    }

    @Test("the path can be changed", arguments: ["/custom", "custom/", "/custom/", "/a/b/"])
    func path(path: String) async throws {
        try await CaseServer.run(.workers, options { $0.path = path }) { server in
            let client = try await server.connect()
            #expect(client.isConnected)
            let elsewhere = try await server.test.request("/socket.io/" + poll)
            #expect(elsewhere.status == 404)
        }
    }

    @Test("the path needs its slash at the end by default")
    func trailingSlash() async throws {
        try await CaseServer.run(.oneProcess) { server in
            let with = try await server.test.request("/socket.io/" + poll)
            let without = try await server.test.request("/socket.io" + poll)
            #expect(with.status == 200)
            #expect(without.status == 404)
        }
    }

    @Test("the slash at the end can be made optional")
    func noTrailingSlash() async throws {
        try await CaseServer.run(.oneProcess, options { $0.addsTrailingSlash = false }) { server in
            let response = try await server.test.request("/socket.io" + poll)
            #expect(response.status == 200)
        }
    }

    @Test("the open packet has the limits and the upgrades", arguments: Deployment.allCases)
    func openPacket(_ deployment: Deployment) async throws {
        let options = options {
            $0.pingInterval = .milliseconds(24_000)
            $0.pingTimeout = .milliseconds(6_000)
            $0.maxPayload = 5000
        }
        try await CaseServer.run(deployment, options) { server in
            let response = try await server.test.request("/socket.io/" + poll)
            let packet = try JSONText(validating: Array(response.text.dropFirst().utf8))
            #expect(packet["sid"]?.string?.count == 20)
            #expect(packet["upgrades"] == ["websocket"])
            #expect(packet["pingInterval"]?.integer == 24_000)
            #expect(packet["pingTimeout"]?.integer == 6_000)
            #expect(packet["maxPayload"]?.integer == 5000)
        }
    }

    @Test("without upgrades, none is offered", arguments: Deployment.allCases)
    func noUpgrades(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, options { $0.allowsUpgrades = false }) { server in
            let response = try await server.test.request("/socket.io/" + poll)
            #expect(response.text.contains(#""upgrades":[]"#))
        }
    }

    @Test("a transport that is not allowed is refused", arguments: Deployment.allCases)
    func transports(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, options { $0.transports = .webSocket }) { server in
            let response = try await server.test.request("/socket.io/" + poll)
            #expect(response.text == #"{"code":0,"message":"Transport unknown"}"#)
            let client = try await server.connect()
            #expect(client.isConnected)
        }
    }

    @Test("a socket knows its transport", arguments: Deployment.allCases)
    func transport(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in notes.add(socket.transport.rawValue) }
        } test: { server in
            try await server.connect()
            #expect(server.notes.all == ["websocket"])
        }
    }

    @Test("a polling client gets a cookie if the options have one")
    func cookie() async throws {
        let options = try options { $0.cookie = try SessionCookie(name: "io", maxAge: .seconds(60)) }
        try await CaseServer.run(.oneProcess, options) { server in
            let response = try await server.test.request("/socket.io/" + poll)
            let cookie = try #require(response.header("Set-Cookie"))
            #expect(cookie.hasPrefix("io="))
            #expect(cookie.hasSuffix("; Max-Age=60; Path=/; HttpOnly; SameSite=Lax"))
        }
    }

    @Test("no cookie is set by default")
    func noCookie() async throws {
        try await CaseServer.run(.oneProcess) { server in
            let response = try await server.test.request("/socket.io/" + poll)
            #expect(response.header("Set-Cookie") == nil)
        }
    }

    @Test("initial_headers and headers set the headers of answers")
    func headers() async throws {
        let options = options {
            $0.onInitialHeaders { headers, _ in try headers.set("X-Initial", "1") }
            $0.onHeaders { headers, _ in try headers.set("X-Every", "2") }
        }
        try await CaseServer.run(.oneProcess, options) { server in
            let response = try await server.test.request("/socket.io/" + poll)
            #expect(response.header("X-Initial") == "1")
            #expect(response.header("X-Every") == "2")
        }
    }

    @Test("generateId makes the ids of sessions")
    func generateID() async throws {
        let id = try #require(SessionID("abcdefghijklmnopqrst"))
        try await CaseServer.run(.oneProcess, options { $0.generateID { _ in id } }) { server in
            let response = try await server.test.request("/socket.io/" + poll)
            #expect(response.text.hasPrefix(#"0{"sid":"abcdefghijklmnopqrst","#))
        }
    }

    @Test("a page of another origin is refused by default", arguments: Deployment.allCases)
    func origin(_ deployment: Deployment) async throws {
        // Node's server sends no CORS header, but opens WebSockets for every page.
        try await CaseServer.run(deployment) { server in
            let client = try server.client(headers: [("Origin", "https://other.example")])
            await #expect(throws: TestError.self) { try await client.connect() }
        }
    }

    @Test("pages of every origin are allowed if the options say so", arguments: Deployment.allCases)
    func anyOrigin(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, options { $0.origins = .any }) { server in
            let client = try await server.client(headers: [("Origin", "https://other.example")]).connect()
            #expect(client.isConnected)
        }
    }

    @Test("a path without a route is answered with 404")
    func notFound() async throws {
        try await CaseServer.run(.oneProcess) { server in
            let response = try await server.test.request("/other")
            #expect(response.status == 404)
        }
    }

    @Test("routes of the application are served beside the sockets")
    func routes() async throws {
        final class Hello: HTTPRequestHandler {
            func handle(_ exchange: HTTPExchange) { exchange.respond(.text(.ok, "hello")) }
        }
        try await CaseServer.run(.oneProcess) { io, _ in
            io.route("/hello") { Hello() }
        } test: { server in
            let response = try await server.test.request("/hello")
            #expect(response.status == 200)
            #expect(response.text == "hello")
        }
    }

    @Test("a message above the limit ends the connection", arguments: Deployment.allCases)
    func maxPayload(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, options { $0.maxPayload = 1000 }) { io, notes in
            io.on("data") { (_, text: String) in notes.add("\(text.count)") }
        } test: { server in
            let client = try await server.connect()
            try client.emit("data", String(repeating: "a", count: 900))
            try client.emit("data", String(repeating: "a", count: 1100))
            try await client.expectDisconnect()
            #expect(server.notes.all == ["900"])
        }
    }
}
