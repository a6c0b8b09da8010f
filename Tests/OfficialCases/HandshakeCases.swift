import Cluster
import SocketTesting
import Testing

@Suite("Handshake")
struct HandshakeCases {
    private let path = "/socket.io/default/?transport=polling&EIO=4"
    private let origin = "http://localhost:54023"

    private func corsOptions() throws -> ServerOptions {
        var options = ServerOptions()
        options.engine.path = "/socket.io/default/"
        options.engine.origins = .sameHostAnd([try WebOrigin(origin)])
        options.engine.cors = try CORSOptions(
            credentials: true, methods: [.get, .post], allowedHeaders: ["content-type"])
        return options
    }

    @Test("a preflight request is answered with the CORS headers", arguments: Deployment.allCases)
    func preflight(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, try corsOptions()) { server in
            let response = try await server.test.request(
                path, method: "OPTIONS", headers: [("Origin", origin), ("Access-Control-Request-Method", "GET")])
            #expect(response.status == 204)
            #expect(response.header("Access-Control-Allow-Origin") == origin)
            #expect(response.header("Access-Control-Allow-Methods") == "GET,POST")
            #expect(response.header("Access-Control-Allow-Headers") == "content-type")
            #expect(response.header("Access-Control-Allow-Credentials") == "true")
        }
    }

    @Test("a GET is answered with the CORS headers", arguments: Deployment.allCases)
    func get(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, try corsOptions()) { server in
            let response = try await server.test.request(path, headers: [("Origin", origin)])
            #expect(response.status == 200)
            #expect(response.header("Access-Control-Allow-Origin") == origin)
            #expect(response.header("Access-Control-Allow-Credentials") == "true")
        }
    }

    @Test("allowRequest that returns accepts the request", arguments: Deployment.allCases)
    func allowed(_ deployment: Deployment) async throws {
        var options = ServerOptions()
        options.engine.allowRequest { (request: inout EngineRequest) in _ = request.head }
        try await CaseServer.run(deployment, options) { server in
            let response = try await server.test.request("/socket.io/?transport=polling&EIO=4")
            #expect(response.status == 200)
        }
    }

    @Test("allowRequest that throws refuses the request with 403", arguments: Deployment.allCases)
    func disallowed(_ deployment: Deployment) async throws {
        var options = ServerOptions()
        options.engine.allowRequest { (_: inout EngineRequest) in throw EngineRefusal("no") }
        try await CaseServer.run(deployment, options) { server in
            let response = try await server.test.request("/socket.io/?transport=polling&EIO=4")
            #expect(response.status == 403)
            #expect(response.text == #"{"code":4,"message":"no"}"#)
        }
    }

    @Test("the handshake has the headers of the request", arguments: Deployment.allCases)
    func headers(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in notes.add(socket.handshake.headers["x-name"] ?? "none") }
        } test: { server in
            try await server.client(headers: [("X-Name", "ada")]).connect()
            #expect(server.notes.all == ["ada"])
        }
    }

    @Test("the handshake has the query of the request", arguments: Deployment.allCases)
    func query(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                let query = socket.handshake.query
                notes.add("\(query["key1"] ?? "") \(query["key2"] ?? "") \(query["EIO"] ?? "")")
            }
        } test: { server in
            try await server.client(query: [("key1", "1"), ("key2", "a&b")]).connect()
            #expect(server.notes.all == ["1 a&b 4"])
        }
    }

    @Test("each namespace has the auth that its own CONNECT sends", arguments: Deployment.allCases)
    func auth(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in notes.add("main \(socket.handshake.auth?.description ?? "none")") }
            io.of("/second").onConnection { socket in
                notes.add("second \(socket.handshake.auth?["key2"]?.string ?? "none")")
                notes.add("query \(socket.handshake.query["key2"] ?? "none")")
            }
        } test: { server in
            let client = try server.client()
            try await client.connect()
            try await client.connect("/second", auth: ["key1": "aa", "key2": "&=bb"])
            #expect(server.notes.all == ["main none", "second &=bb", "query none"])
        }
    }

    @Test("the handshake has the client's address and the time", arguments: Deployment.allCases)
    func addressAndTime(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                notes.add(socket.handshake.address)
                notes.add("\(socket.handshake.issued > .seconds(1_600_000_000))")
                notes.add("\(socket.handshake.isSecure) \(socket.handshake.isCrossDomain)")
            }
        } test: { server in
            try await server.connect()
            #expect(server.notes.all == ["127.0.0.1", "true", "false false"])
        }
    }

    @Test("a request with the server's own origin is of the same domain or not, as its browser says")
    func crossDomain() async throws {
        try await CaseServer.run(.oneProcess) { io, notes in
            io.onConnection { socket in notes.add("\(socket.handshake.isCrossDomain)") }
        } test: { server in
            try await server.client(headers: [("Origin", "http://localhost")]).connect()
            #expect(server.notes.all == ["true"])
        }
    }

    @Test("authenticate stores its result as the socket's data", arguments: Deployment.allCases)
    func authenticate(_ deployment: Deployment) async throws {
        struct User: Codable, Sendable { var name: String }
        try await CaseServer.run(deployment) { io, notes in
            io.authenticate { handshake in try handshake.auth(as: User.self) }
            io.onConnection { socket in notes.add(try socket.data(as: User.self).name) }
        } test: { server in
            try await server.connect(auth: ["name": "ada"])
            await #expect(throws: ConnectError.self) { try await server.connect(auth: ["name": 1]) }
            await #expect(throws: ConnectError.self) { try await server.connect() }
            #expect(server.notes.all == ["ada"])
        }
    }
}
