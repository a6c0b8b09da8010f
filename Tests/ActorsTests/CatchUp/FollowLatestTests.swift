import Persistence
import Testing

@testable import Actors

@Suite("Stored messages: the latest ones, and reading backwards", .overEachLink)
struct FollowLatestTests {
    @Test(
        "a client receives the requested number of latest messages and then new ones",
        arguments: [(0, 6), (1, 5), (3, 3), (5, 1), (1000, 1)])
    func latest(count: Int, first: Int) async throws {
        try await TestServer.run(history: FollowTests.history(5), setUp: storing) { server in
            let client = try await server.join(auth: "{\"latest\":\(count)}")
            client.send(#"2["message","m6"]"#)
            #expect(try await client.next(7 - first) == FollowTests.rows(first...6))
        }
    }

    @Test(
        "a client with a serverOffset receives every message above it, regardless of latest",
        arguments: [#"{"latest":1,"serverOffset":2}"#, #"{"serverOffset":"2","latest":0}"#])
    func serverOffset(auth: String) async throws {
        try await TestServer.run(history: FollowTests.history(5), setUp: storing) { server in
            let client = try await server.join(auth: auth)
            #expect(try await client.next(3) == FollowTests.rows(3...5))
        }
    }

    @Test("a failed search for the start is reported and repeated")
    func failure() async throws {
        try await TestServer.run(history: FollowTests.history(5), setUp: storing) { server in
            server.store.failPages(1)
            let client = try await server.join(auth: #"{"latest":2}"#)
            #expect(try await client.next(2) == FollowTests.rows(4...5))
            #expect(server.reports.all.count == 1)
        }
    }

    @Test("pages read backwards contain no later messages and no duplicates")
    func backwards() async throws {
        try await TestServer.run(history: FollowTests.history(5), setUp: withHistory) { server in
            let client = try await server.join(auth: #"{"latest":0}"#)
            client.send(#"21["history",9]"#)
            #expect(try await client.next() == #"431["3,4,5",false]"#)
            client.send(#"22["history",3]"#)
            #expect(try await client.next() == #"432["1,2",true]"#)
        }
    }

    @Test("a history request that arrives together with CONNECT waits for the subscription")
    func early() async throws {
        try await TestServer.run(history: FollowTests.history(5), setUp: withHistory) { server in
            let client = try await server.connect(.init(packets: [#"40{"latest":0}"#, #"421["history",9]"#]))
            #expect(try await client.next().hasPrefix("40{"))
            #expect(try await client.next() == #"431["3,4,5",false]"#)
        }
    }

    @Test("a failed history read is reported and throws in the handler")
    func readFailure() async throws {
        try await TestServer.run(history: FollowTests.history(5), setUp: withHistory) { server in
            let client = try await server.join(auth: #"{"latest":0}"#)
            server.store.failPages(1)
            client.send(#"21["history",9]"#)
            #expect(try await client.next() == #"431["failed"]"#)
            #expect(server.reports.all.count == 1)
        }
    }

    @Test("a client with a hundred requests delays the page of another one by a single read")
    func turns() async throws {
        let options = ServerOptions(maxHistoryReads: 2)
        try await TestServer.run(options, history: FollowTests.history(5), setUp: withHistory) { server in
            let greedy = try await server.join(auth: #"{"latest":0}"#)
            let other = try await server.join(auth: #"{"latest":0}"#)
            server.store.holdPages()
            for number in 1...100 { greedy.send(#"2\#(number)["history",9]"#) }
            try await eventually { server.store.heldPages == 2 }
            other.send(#"27["history",3]"#)
            // Its answer to this event shows that the server has seen the request.
            other.send(#"28["echo"]"#)
            #expect(try await other.next() == "438[]")
            // Two reads have the slots, and one more of the same client had its turn when the other client asked.
            for _ in 1...4 {
                try await eventually { server.store.heldPages == 2 }
                server.store.letOnePageThrough()
            }
            #expect(try await other.next() == #"437["1,2",true]"#)
            #expect(try await greedy.next(3) == (1...3).map { #"43\#($0)["3,4,5",false]"# })
            server.store.release()
            #expect(Set(try await greedy.next(97)) == Set((4...100).map { #"43\#($0)["3,4,5",false]"# }))
        }
    }

    @Test("a namespace without stored messages returns an empty page")
    func otherNamespace() async throws {
        try await TestServer.run(history: FollowTests.history(5), setUp: answering) { server in
            let client = try await server.join()
            client.send(#"21["history",9]"#)
            #expect(try await client.next() == #"431["",true]"#)
        }
    }

    private func withHistory(_ server: TestServer) {
        storing(server)
        answering(server)
    }

    /// Answers `history` with the ids of up to three messages before an id, and with true if these are the oldest ones.
    private func answering(_ server: TestServer) {
        server.main.on("echo") { _, event in event.acknowledgement?([]) }
        server.main.on("history", concurrently: true) { (socket: isolated Socket, event: Event) async throws in
            guard case .json(let id)? = event.arguments.first else { return }
            do {
                let page = try await socket.messages(before: id.integer.map(Int64.init), maxCount: 3, maxBytes: 100)
                let ids = page.messages.map { "\($0.id)" }.joined(separator: ",")
                event.acknowledgement?([.json(JSONText(string: ids)), .json(JSONText(bool: page.reachesEnd))])
            } catch {
                event.acknowledgement?([.json(JSONText(string: "failed"))])
            }
        }
    }
}
