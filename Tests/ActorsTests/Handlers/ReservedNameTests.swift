import Testing

@testable import Actors

@Suite("Applications cannot emit the names that client libraries use for their own events", .overEachLink)
struct ReservedNameTests {
    @Test(
        "an event with a reserved name is reported and not sent",
        arguments: ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])
    func refused(name: String) async throws {
        try await TestServer.run { server in
            server.main.on("go") { socket, _ in
                socket.emit(name)
                socket.emitVolatile(name)
                socket.broadcast.emit(name)
                socket.to("room").emit(name)
                server.main.emit(name)
                server.main.to(socket.id.description).emit(name)
                socket.emit("done")
            }
        } test: { server in
            let client = try await server.join()
            client.send(#"2["go"]"#)
            #expect(try await client.next() == #"42["done"]"#)
            #expect(server.reports.all == Array(repeating: "\(name) not emitted in /", count: 6))
        }
    }

    @Test("waiting for the acknowledgement of an event with a reserved name throws")
    func awaited() async throws {
        try await TestServer.run { server in
            server.main.on("go") { socket, _ async throws in
                do {
                    _ = try await socket.emitWithAcknowledgement("disconnect")
                } catch AcknowledgementError.reservedEventName(let name) {
                    socket.emit("refused", [.json(JSONText(string: name))])
                }
            }
        } test: { server in
            let client = try await server.join()
            client.send(#"2["go"]"#)
            #expect(try await client.next() == #"42["refused","disconnect"]"#)
        }
    }

    @Test(
        "events with names similar to reserved ones are sent",
        arguments: ["Connect", "connect_errors", "error", "__proto__", "reconnect"])
    func similar(name: String) async throws {
        try await TestServer.run { server in
            server.main.on("go") { socket, _ in socket.emit(name) }
        } test: { server in
            let client = try await server.join()
            client.send(#"2["go"]"#)
            #expect(try await client.next() == #"42["\#(name)"]"#)
        }
    }
}
