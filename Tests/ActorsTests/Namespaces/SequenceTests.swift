import Persistence
import Testing

@testable import Actors

@Suite("Clients observe a handler's actions in order", .overEachLink)
struct SequenceTests {
    @Test("emits, joins, broadcasts and the acknowledgement arrive in the order of the calls")
    func sequence() async throws {
        try await TestServer.run { server in
            server.main.on("go") { socket, event in
                socket.emit("1")
                socket.join("room")
                socket.emit("2")
                socket.to("room").emit("to the others")
                socket.leave("room")
                socket.emit("3")
                event.acknowledgement?()
                socket.emit("4")
                socket.broadcast.emit("to the others, at last")
            }
            server.main.on("join") { socket, event in
                socket.join("room")
                event.acknowledgement?()
            }
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            other.send(#"20["join"]"#)
            #expect(try await other.next() == "430[]")
            client.send(#"20["go"]"#)
            #expect(try await client.next(5) == [#"42["1"]"#, #"42["2"]"#, #"42["3"]"#, "430[]", #"42["4"]"#])
            #expect(try await other.next(2) == [#"42["to the others"]"#, #"42["to the others, at last"]"#])
        }
    }

    @Test("a sender receives its message, then the acknowledgement, then the handler's later output")
    func ownRow() async throws {
        try await TestServer.run { server in
            server.main.storesMessages(as: "message")
            server.main.on("message") { socket, event in
                socket.emit("before")
                socket.store(draft("hello"), acknowledgement: event.acknowledgement)
                socket.emit("after")
                socket.broadcast.emit("others, after")
            }
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            client.send(#"20["message"]"#)
            #expect(
                try await client.next(4) == [#"42["before"]"#, #"42["message","hello",1]"#, "430[]", #"42["after"]"#])
            #expect(try await other.next(2) == [#"42["message","hello",1]"#, #"42["others, after"]"#])
        }
    }

    @Test("one socket may have many messages in flight, and their acknowledgements arrive in order")
    func pipelined() async throws {
        try await TestServer.run(setUp: storing) { server in
            server.store.hold()
            let client = try await server.join()
            client.send((0..<100).map { #"2\#($0)["message","\#($0)"]"# })
            try await eventually { await server.hub.status.waiting == 100 }
            server.store.release()
            let packets = try await client.next(200)
            #expect(packets.filter { $0.hasPrefix("43") } == (0..<100).map { "43\($0)[]" })
            #expect(packets.filter { $0.hasPrefix("42") } == (0..<100).map { #"42["message","\#($0)",\#($0 + 1)]"# })
            for number in 0..<100 {
                let row = packets.firstIndex(of: #"42["message","\#(number)",\#(number + 1)]"#)
                let acknowledgement = packets.firstIndex(of: "43\(number)[]")
                #expect(try #require(row) < #require(acknowledgement))
            }
        }
    }

    @Test("a message that cannot be stored is not acknowledged, and held output continues")
    func failure() async throws {
        try await TestServer.run { server in
            storing(server)
            server.main.on("and then") { socket, event in
                socket.store(draft("lost"), acknowledgement: event.acknowledgement)
                socket.emit("then")
            }
        } test: { server in
            let client = try await server.join()
            server.store.setFailing(true)
            client.send([#"20["message","lost"]"#, #"21["and then"]"#])
            #expect(try await client.next() == #"42["then"]"#)
            server.store.setFailing(false)
            client.send(#"22["message","kept"]"#)
            #expect(try await client.next(2) == [#"42["message","kept",1]"#, "432[]"])
        }
    }

    @Test("a repeat is acknowledged like the first copy and delivered once")
    func repeats() async throws {
        try await TestServer.run(setUp: storing) { server in
            let client = try await server.join()
            client.send([#"20["message","x","o"]"#, #"21["message","x","o"]"#, #"22["message","y","o"]"#])
            let packets = try await client.next(5)
            // Ids increase but may have gaps.
            let rows = packets.filter { $0.hasPrefix("42") }
            #expect(rows.map { $0.dropLast(3) } == [#"42["message","x""#, #"42["message","y""#])
            #expect(packets.filter { $0.hasPrefix("43") } == ["430[]", "431[]", "432[]"])
        }
    }

    @Test("a disconnect takes effect after all earlier actions")
    func disconnects() async throws {
        try await TestServer.run { server in
            server.main.storesMessages(as: "message")
            server.main.on("go") { socket, event in
                socket.broadcast.emit("first")
                socket.store(draft("x"), acknowledgement: event.acknowledgement)
                socket.emit("second")
                socket.disconnect()
                socket.emit("never")
                socket.broadcast.emit("third")
                socket.store(draft("never"), acknowledgement: nil)
            }
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            client.send(#"20["go"]"#)
            #expect(try await client.next(4) == [#"42["message","x",1]"#, "430[]", #"42["second"]"#, "41"])
            #expect(try await other.next(3) == [#"42["first"]"#, #"42["message","x",1]"#, #"42["third"]"#])
            try await client.join()
            #expect(try await client.next() == #"42["message","x",1]"#)
            #expect(await server.server.status.bytesInFlight == 0)
        }
    }
}

/// Makes the main namespace store the first argument of each `message` event. A second argument is the client offset.
func storing(_ server: TestServer) {
    server.main.storesMessages(as: "message")
    server.main.on("message") { socket, event in
        guard case .json(let text)? = event.arguments.first else { return }
        var offset: [UInt8]?
        if event.arguments.count > 1, case .json(let second) = event.arguments[1] { offset = second.utf8String() }
        let draft = MessageDraft(clientOffset: offset, content: text.utf8String() ?? [])
        socket.store(draft, acknowledgement: event.acknowledgement)
    }
}

func draft(_ text: String) -> MessageDraft {
    MessageDraft(clientOffset: nil, content: Array(text.utf8))
}
