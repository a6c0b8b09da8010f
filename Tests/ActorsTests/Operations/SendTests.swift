import Testing

@testable import Actors

@Suite("Short forms of the server and its main namespace", .overEachLink)
struct SendTests {
    @Test("send emits an event with the name message")
    func send() async throws {
        try await TestServer.run { server in
            server.main.on("go") { socket in
                try socket.send("own", 1)
                socket.send([.json(JSONText(integer: 2))])
            }
        } test: { server in
            let client = try await server.join()
            client.send(#"2["go"]"#)
            #expect(try await client.next(2) == [#"42["message","own",1]"#, #"42["message",2]"#])
            try server.main.send("all")
            server.main.send([.json(JSONText(integer: 3))])
            try server.server.send(["x": 1.5])
            server.server.send([])
            #expect(
                try await client.next(4)
                    == [#"42["message","all"]"#, #"42["message",3]"#, #"42["message",{"x":1.5}]"#, #"42["message"]"#])
        }
    }

    @Test("the server's operations are those of its main namespace")
    func operations() async throws {
        try await TestServer.run { server in
            server.main.onConnection { _ in }
        } test: { server in
            let (client, io) = (try await server.join(), server.server)
            io.socketsJoin("r", "s")
            io.socketsLeave("s")
            #expect(try await io.fetchSockets().map { $0.rooms.count } == [2])
            io.to(["r"]).emit("in r")
            io.to([]).emit("never")
            io.except(["r"]).emit("never")
            io.volatile.emit("volatile")
            io.main.volatile.emit("volatile in main")
            #expect(
                try await client.next(3) == [#"42["in r"]"#, #"42["volatile"]"#, #"42["volatile in main"]"#])
            io.local.emit("local")
            #expect(try await client.next() == #"42["local"]"#)
            #expect(await io.clientsCount == 1)
            #expect(io.path == "/socket.io/")
            io.disconnectSockets(close: true)
            _ = try await client.end()
            try await eventually { await io.clientsCount == 0 }
        }
    }

    @Test("reserved event names can be checked", arguments: ReservedEventNames.all)
    func reserved(name: String) {
        #expect(ReservedEventNames.contains(name))
        #expect(!ReservedEventNames.contains(name + "s"))
    }
}
