import Cluster
import SocketTesting
import Testing

@Suite("Closing and disconnecting")
struct ClosingCases {
    private static func setUp(_ io: SocketServer, _ notes: CaseNotes) {
        io.onDisconnect { _, reason in notes.add(reason.rawValue) }
        io.on("leave") { socket in socket.disconnect() }
        io.on("close") { socket in socket.disconnect(close: true) }
        _ = io.of("/foo")
        _ = io.of("/bar")
    }

    @Test("closing the server disconnects its clients", arguments: Deployment.allCases)
    func serverClose(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await server.connect(2)
            for io in server.servers { await io.close() }
            for client in clients { #expect(try await client.expectDisconnect() == .transportClose) }
            #expect(server.notes.all == ["server shutting down", "server shutting down"])
            for io in server.servers { #expect(await io.status.sockets == 0) }
        }
    }

    @Test("closing a server that was not started does nothing")
    func neverStarted() async {
        let server = SocketServer()
        await server.close()
        await server.close()
        #expect(await server.status.connections == 0)
    }

    @Test("a client that joins no namespace in time is disconnected", arguments: Deployment.allCases)
    func joinsNothing(_ deployment: Deployment) async throws {
        let options = ServerOptions(connectTimeout: .seconds(20))
        try await CaseServer.run(deployment, options) { server in
            let path = "/socket.io/?EIO=4&transport=polling"
            let handshake = try await server.test.request(path)
            let open = try JSONText(validating: Array(handshake.body.dropFirst()))
            let id = try #require(open["sid"]?.string)
            // The clock of the test runs on between these lines, and much of it passes on a busy machine.
            try await server.test.advance(by: .seconds(5))
            #expect(await server.io.status.sessions == 1)
            try await server.test.advance(by: .seconds(16))
            #expect(try await server.test.request("\(path)&sid=\(id)").text == "1")
            #expect(await server.io.status.sessions == 0)
        }
    }

    @Test("a client that leaves ends its socket", arguments: Deployment.allCases)
    func clientLeaves(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect()
            client.disconnect()
            #expect(try await client.expectDisconnect() == .byClient)
            try await server.test.settle()
            #expect(server.notes.all == ["client namespace disconnect"])
        }
    }

    @Test("the server disconnects a socket from its namespace", arguments: Deployment.allCases)
    func serverLeaves(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect()
            try client.emit("leave")
            #expect(try await client.expectDisconnect() == .byServer)
            try await server.test.settle()
            #expect(server.notes.all == ["server namespace disconnect"])
        }
    }

    @Test("the server closes a socket's connection", arguments: Deployment.allCases)
    func serverCloses(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try server.client()
            let sockets = [
                try await client.connect("/"), try await client.connect("/foo"), try await client.connect("/bar"),
            ]
            try sockets[0].emit("close")
            for socket in sockets { try await socket.expectDisconnect() }
            try await server.test.settle()
            for io in server.servers { #expect(await io.status.sessions == 0) }
        }
    }

    @Test("a client that closes its connection ends with transport close", arguments: Deployment.allCases)
    func transportClose(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect()
            client.client.close()
            try await server.test.settle()
            #expect(server.notes.all == ["transport close"])
        }
    }

    @Test("a client that loses its connection ends with transport error", arguments: Deployment.allCases)
    func transportError(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect()
            client.client.loseConnection()
            try await server.test.settle()
            #expect(server.notes.all == ["transport error"])
        }
    }

    @Test("a client that answers no ping ends with ping timeout", arguments: Deployment.allCases)
    func pingTimeout(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect()
            client.client.stopReceiving()
            try await server.test.advance(by: .seconds(60))
            #expect(server.notes.all == ["ping timeout"])
        }
    }

    @Test(
        "a message that is no packet closes the connection",
        arguments: [
            "4abc", "40", #"42["unknown"#, "42[]", "42[1]", "42{}", #"42["connect"]"#, "4", "44{}", "45", "451-", "47",
            #"451-["a",{"_placeholder":true,"num":1}]"#, #"4599-["a"]"#, "43[", "431", "41,x", #"42/other,["a"]"#,
        ])
    func violation(message: String) async throws {
        try await CaseServer.run(.oneProcess, setUp: Self.setUp) { server in
            let client = try await server.connect()
            client.client.send(raw: message)
            try await client.expectDisconnect()
            try await server.test.settle()
            #expect(server.notes.all.first?.hasPrefix("report: closed a connection from 127.0.0.1 (client ") == true)
            #expect(server.notes.all.dropFirst() == ["parse error"])
            #expect(await server.io.status.parseErrors == 1)
        }
    }

    @Test("an event of a client that has joined no namespace closes the connection", arguments: Deployment.allCases)
    func notJoined(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect("/foo")
            client.client.send(raw: #"42["some event"]"#)
            try await client.expectDisconnect()
        }
    }

    @Test("packets without a meaning from a client are ignored", arguments: ["2", "5", "6", "3", "43[]", "4312[1]"])
    func ignored(message: String) async throws {
        try await CaseServer.run(.oneProcess, setUp: Self.setUp) { server in
            let client = try await server.connect()
            client.client.send(raw: message)
            try await server.test.settle()
            #expect(client.isConnected)
            #expect(server.notes.all.isEmpty)
        }
    }

    @Test("a socket that is gone joins no room", arguments: Deployment.allCases)
    func noRooms(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.onConnection { socket in
                socket.disconnect()
                socket.join("room1")
            }
        } test: { server in
            let client = try await server.connect()
            try await client.expectDisconnect()
            try await server.test.settle()
            let members = try await server.io.to("room1").allSockets()
            #expect(members.isEmpty)
        }
    }

    @Test("a client can join a namespace again after it has left", arguments: Deployment.allCases)
    func rejoin(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try server.client()
            try await client.connect("/foo")
            let main = try await client.connect()
            let first = main.id
            main.disconnect()
            try await main.reconnect()
            #expect(main.id != first)
            #expect(server.notes.all == ["client namespace disconnect"])
        }
    }
}
