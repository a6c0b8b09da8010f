import Cluster
import Persistence
import Testing

@testable import Actors

@Suite("Each client receives stored messages in the form it asked for", .overEachLink)
struct MessageFormTests {
    /// Makes the main namespace store messages. A client with `"details": 1` in its `auth` gets the detailed form; its
    /// `name` is the author.
    static func setUp(_ server: TestServer) {
        server.main.storesMessages(as: "message") { handshake in
            MessageProfile(
                form: handshake.auth?["details"]?.integer == 1 ? .detailed : .plain,
                author: handshake.auth?["name"]?.utf8String())
        }
        server.main.on("message") { socket, event in
            let words = event.arguments.compactMap { argument in
                if case .json(let text) = argument { text.utf8String() } else { nil }
            }
            let draft = MessageDraft(
                clientOffset: words.count > 1 ? words[1] : nil, content: words[0], author: socket.messageProfile.author)
            socket.store(draft, acknowledgement: event.acknowledgement)
        }
    }

    static let details = #"{"details":1,"name":"ann"}"#

    /// The packet of a message from `ann` in the detailed form.
    static func detailed(_ text: String, _ id: Int, offset: String) -> String {
        #"42["message","\#(text)",\#(id),{"time":1700000000123,"author":"ann","offset":"\#(offset)"}]"#
    }

    @Test("live messages have the client's form, and the sender's acknowledgement with the id follows its message")
    func live() async throws {
        try await TestServer.run(setUp: Self.setUp) { server in
            let plain = try await server.join(auth: #"{"name":"ben"}"#)
            let detailed = try await server.join(auth: Self.details)
            detailed.send(#"20["message","one","o-0"]"#)
            #expect(try await detailed.next(2) == [Self.detailed("one", 1, offset: "o-0"), #"430[{"id":1}]"#])
            #expect(try await plain.next() == FollowTests.row("one", 1))
            plain.send(#"20["message","two"]"#)
            #expect(try await plain.next(2) == [FollowTests.row("two", 2), "430[]"])
            #expect(
                try await detailed.next() == #"42["message","two",2,{"time":1700000000123,"author":"ben"}]"#)
        }
    }

    @Test("a repeat is acknowledged with the id of the first copy, also for another sender")
    func repeats() async throws {
        try await TestServer.run(setUp: Self.setUp) { server in
            let ann = try await server.join(auth: Self.details)
            let ben = try await server.join(auth: #"{"details":1,"name":"ben"}"#)
            ann.send([#"20["message","x","o"]"#, #"21["message","x","o"]"#, #"22["message","other","o"]"#])
            let rows = [Self.detailed("x", 1, offset: "o"), Self.detailed("other", 4, offset: "o")]
            let packets = try await ann.next(5)
            let acknowledgements = [#"430[{"id":1}]"#, #"431[{"id":1}]"#, #"432[{"id":4}]"#]
            #expect(packets.filter { $0.hasPrefix("43") } == acknowledgements)
            #expect(packets.filter { $0.hasPrefix("42") } == rows)
            ben.send(#"20["message","other","o"]"#)
            #expect(try await ben.next(3) == rows + [#"430[{"id":4}]"#])
        }
    }

    @Test("messages from the store, from memory and live have the client's form")
    func catchingUp() async throws {
        try await TestServer.run(history: ["m1", "m2"], setUp: Self.setUp) { server in
            let first = try await server.join(auth: Self.details)
            let old = (1...2).map { #"42["message","m\#($0)",\#($0),{"time":1700000000123}]"# }
            #expect(try await first.next(2) == old)
            first.send([#"2["message","m3","o"]"#, #"2["message","m4","o"]"#])
            let new = [Self.detailed("m3", 3, offset: "o"), Self.detailed("m4", 5, offset: "o")]
            #expect(try await first.next(2) == new)
            // Reads from the store, because the older messages are not in memory.
            let second = try await server.join(auth: Self.details)
            #expect(try await second.next(4) == old + new)
            let pages = await server.server.status.pages
            let third = try await server.join(auth: #"{"details":1,"serverOffset":2}"#)
            #expect(try await third.next(2) == new)
            #expect(await server.server.status.pages == pages, "these were in memory")
            let plain = try await server.join()
            #expect(try await plain.next(4) == FollowTests.rows(1...3) + [FollowTests.row("m4", 5)])
            first.send(#"2["message","m6","p"]"#)
            for client in [second, third] { #expect(try await client.next() == Self.detailed("m6", 6, offset: "p")) }
            #expect(try await plain.next() == FollowTests.row("m6", 6))
        }
    }

    @Test("each form is encoded once for all its recipients, and not at all without recipients")
    func sharing() async throws {
        try await TestServer.run(setUp: Self.setUp) { server in
            let writer = try await server.join()
            func encoded(by text: String, _ clients: [TestClient]) async throws -> Int {
                let before = await server.server.status.deliveryBatches
                writer.send(#"2["message","\#(text)"]"#)
                for client in [writer] + clients { _ = try await client.next() }
                return await server.server.status.deliveryBatches - before
            }
            #expect(try await encoded(by: "x", []) == 1)
            var clients: [TestClient] = []
            for _ in 0..<3 {
                clients.append(try await server.join(auth: #"{"latest":0,"details":1}"#))
                clients.append(try await server.join(auth: #"{"latest":0}"#))
                #expect(try await encoded(by: "y", clients) == 2)
            }
            for (index, client) in clients.enumerated() where index % 2 == 0 { client.close() }
            try await eventually { await server.server.status.sockets == 4 }
            let rest = clients.indices.filter { $0 % 2 == 1 }.map { clients[$0] }
            #expect(try await encoded(by: "z", rest) == 1)
        }
    }

    @Test(
        "a client that resumes its session gets the form of its latest CONNECT", arguments: [true, false],
        [true, false])
    func recovered(before: Bool, after: Bool) async throws {
        try await TestServer.run(recovery: RecoveryOptions(), setUp: Self.setUp) { server in
            let writer = try await server.join()
            func expect(_ packet: String, _ id: Int, details: Bool) {
                let expected =
                    #"42["message","m\#(id)",\#(id),"# + (details ? #"{"time":1700000000123},"# : "")
                    + #""e.0.\#(id)"]"#
                #expect(packet == expected)
            }
            let auth: [(String, JSONText)] = [("details", JSONText(integer: 1))]
            var client = try await RecoveringClient(server, auth: before ? auth : [])
            writer.send(#"2["message","m1"]"#)
            expect(try await client.nextPacket(), 1, details: before)
            client.socket.reset()
            try await eventually { await server.hub.status.lostSessions == 1 }
            writer.send(#"2["message","m2"]"#)
            _ = try await writer.next(2)
            var back = try await RecoveringClient(server, lost: client, auth: after ? auth : [])
            #expect(back.sid == client.sid)
            expect(try await back.nextPacket(), 2, details: after)
            writer.send(#"2["message","m3"]"#)
            expect(try await back.nextPacket(), 3, details: after)
            back.socket.send(#"27["message","m4"]"#)
            expect(try await back.nextPacket(), 4, details: after)
            #expect(try await back.socket.next() == (after ? #"437[{"id":4}]"# : "437[]"))
        }
    }

    @Test("the detailed form does not change acknowledgements that handlers send")
    func otherAcknowledgements() async throws {
        try await TestServer.run(setUp: Self.setUp) { server in
            server.main.on("ask") { _, event in event.acknowledgement?([.json(JSONText(integer: 5))]) }
            let client = try await server.join(auth: Self.details)
            client.send(#"20["ask"]"#)
            #expect(try await client.next() == "430[5]")
        }
    }
}
