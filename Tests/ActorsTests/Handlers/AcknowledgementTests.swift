import Testing

@testable import Actors

@Suite("Acknowledgements of a client's events", .overEachLink)
struct AcknowledgementTests {
    @Test("an acknowledgement has the event's id, its namespace and the handler's arguments")
    func answers() async throws {
        try await TestServer.run { server in
            for name in ["/", "/other"] {
                server.server.of(name).on("echo") { _, event in event.acknowledgement?(event.arguments) }
            }
        } test: { server in
            let client = try await server.join()
            try await client.join("/other")
            client.send([#"212["echo",1,"a",{"b":[]}]"#, #"2/other,0["echo"]"#, #"2999999999999999["echo",null]"#])
            #expect(
                try await client.next(3) == [#"4312[1,"a",{"b":[]}]"#, "43/other,0[]", "43999999999999999[null]"])
        }
    }

    @Test("an acknowledgement carries binary arguments")
    func binary() async throws {
        try await TestServer.run { server in
            server.main.on("echo") { _, event in event.acknowledgement?(event.arguments) }
        } test: { server in
            let client = try await server.join()
            client.send(#"51-7["echo",{"_placeholder":true,"num":0}]"#)
            client.send(binary: [1, 2, 3])
            #expect(try await client.next(2) == [#"461-7[{"_placeholder":true,"num":0}]"#, "binary [1, 2, 3]"])
        }
    }

    @Test("only the first call of an acknowledgement sends it")
    func once() async throws {
        try await TestServer.run { server in
            server.main.on("ask") { socket, event in
                event.acknowledgement?([.json(JSONText(integer: 1))])
                event.acknowledgement?([.json(JSONText(integer: 2))])
                socket.emit("end")
            }
        } test: { server in
            let client = try await server.join()
            client.send(#"20["ask"]"#)
            #expect(try await client.next(2) == ["430[1]", #"42["end"]"#])
        }
    }

    @Test("an event without an id has no acknowledgement")
    func notAsked() async throws {
        try await TestServer.run { server in
            server.main.on("tell") { socket, event in
                socket.emit("asked", [.json(JSONText(bool: event.acknowledgement != nil))])
            }
        } test: { server in
            let client = try await server.join()
            client.send([#"2["tell"]"#, #"25["tell"]"#])
            #expect(try await client.next(2) == [#"42["asked",false]"#, #"42["asked",true]"#])
        }
    }

    @Test("acknowledgements can be kept and called later, outside the server's loop, in any order")
    func later() async throws {
        let kept = KeptAcknowledgements()
        defer { kept.removeAll() }
        try await TestServer.run { server in
            server.main.on("ask") { socket, event in
                kept.add(event.acknowledgement)
                socket.emit("kept")
            }
        } test: { server in
            let client = try await server.join()
            client.send([#"21["ask"]"#, #"22["ask"]"#])
            #expect(try await client.next(2) == [#"42["kept"]"#, #"42["kept"]"#])
            // The test does not run on the server's loop.
            kept.all[1]([.json(JSONText(integer: 2))])
            #expect(try await client.next() == "432[2]")
            kept.all[0]()
            kept.all[1]()
            #expect(try await client.next() == "431[]")
            client.send(#"23["ask"]"#)
            #expect(try await client.next() == #"42["kept"]"#)
        }
    }

    @Test("an acknowledgement for a closed socket is dropped")
    func gone() async throws {
        let kept = KeptAcknowledgements()
        defer { kept.removeAll() }
        try await TestServer.run { server in
            server.main.on("ask") { _, event in kept.add(event.acknowledgement) }
        } test: { server in
            let client = try await server.join()
            client.send([#"21["ask"]"#, "1"])
            try await eventually { await server.server.status.sockets == 0 }
            try await client.join()
            kept.all[0]()
            client.send(#"0/nowhere,"#)
            #expect(try await client.next().hasPrefix("44/nowhere,"))
        }
    }
}
