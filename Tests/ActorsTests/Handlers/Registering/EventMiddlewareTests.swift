import Testing

@testable import Actors

@Suite("Middleware for the events of one socket", .overEachLink)
struct EventMiddlewareTests {
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// Rejects the events named `bad`.
    static func installCheck(on socket: isolated Socket, isAsynchronous: Bool) {
        if isAsynchronous {
            socket.use { _, event async throws in
                await Task.yield()
                if event.name == "bad" { throw Refusal(description: "not \(event.name)") }
            }
        } else {
            socket.use { _, event throws in
                if event.name == "bad" { throw Refusal(description: "not \(event.name)") }
            }
        }
    }

    @Test("handlers run for the events that middleware accepts, and the error of a rejected one reaches onError")
    func refuses() async throws {
        for isAsynchronous in [false, true] {
            try await TestServer.run { server in
                server.main.onConnection { socket in
                    socket.onError { socket, error in socket.emit("error", [.json(JSONText(string: "\(error)"))]) }
                    Self.installCheck(on: socket, isAsynchronous: isAsynchronous)
                    socket.use { _, event in server.notes.add("checked \(event.name)") }
                    for name in ["bad", "good"] { socket.on(name) { socket, _ in socket.emit("own \(name)") } }
                }
                server.main.onAny { _, event in server.notes.add("any \(event.name)") }
                for name in ["bad", "good"] { server.main.on(name) { socket, _ in socket.emit(name) } }
            } test: { server in
                let client = try await server.join()
                client.send([#"20["bad"]"#, #"2["good"]"#])
                #expect(
                    try await client.next(3) == [#"42["error","not bad"]"#, #"42["good"]"#, #"42["own good"]"#])
                #expect(server.notes.all == ["any bad", "any good", "checked good"])
                #expect(server.reports.all.isEmpty)
            }
        }
    }

    @Test("without onError, the error is reported to the server")
    func reported() async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in Self.installCheck(on: socket, isAsynchronous: false) }
            server.main.on("good") { socket, _ in socket.emit("good") }
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            for client in [client, other] {
                client.send([#"2["bad"]"#, #"2["good"]"#])
                #expect(try await client.next() == #"42["good"]"#)
            }
            #expect(server.reports.all == Array(repeating: "handler of / failed: not bad", count: 2))
        }
    }
}
