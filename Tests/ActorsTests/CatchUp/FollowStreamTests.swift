import Persistence
import Testing
import Transport

@testable import Actors

@Suite("Stored messages in the worker's stream", .overDirectLink)
struct FollowStreamTests {
    static func setUp(_ server: SocketServer) { server.of("/").storesMessages(as: "m") }

    static func message(_ id: Int64) -> StoredMessage { StoredMessage(id: id, content: Array("\(id)".utf8)) }

    static func published(_ id: Int64) -> HubEvent { .message(message(id), position: 0) }

    static func row(_ id: Int64) -> String { #"42["m","\#(id)",\#(id)]"# }

    @Test("a reader subscribes after CONNECT and reads the messages between its start and the hub's answer")
    func reads() async throws {
        try await ScriptedServer.run(setUp: Self.setUp) { server, hub in
            let (client, id) = try await server.join()
            try await eventually { hub.batches.last == ["subscribe"] }
            hub.pages.provide(HistoryPage(messages: [Self.message(2), Self.message(5)], reachesEnd: false))
            hub.pages.provide(HistoryPage(messages: [Self.message(6)], reachesEnd: true))
            await hub.send(.subscribed(id, lastPublished: 9, highest: 9))
            #expect(try await client.next(3) == [2, 5, 6].map(Self.row))
            #expect(hub.pages.requests == ["(0, 9]", "(5, 9]"])
            await hub.send(Self.published(12), Self.published(13))
            #expect(try await client.next(2) == [12, 13].map(Self.row))
        }
    }

    @Test("a reader that is slightly behind receives the missed messages from memory")
    func ring() async throws {
        try await ScriptedServer.run(setUp: Self.setUp) { server, hub in
            let (first, id) = try await server.join()
            await hub.send(.subscribed(id, lastPublished: 0, highest: 0))
            await hub.send(Self.published(1), Self.published(4))
            await hub.send(Self.published(5))
            #expect(try await first.next(3) == [1, 4, 5].map(Self.row))
            let (second, other) = try await server.join(1)
            await hub.send(.subscribed(other, lastPublished: 5, highest: 5))
            #expect(try await second.next(3) == [1, 4, 5].map(Self.row))
            #expect(hub.pages.requests.isEmpty)
        }
    }

    @Test("a worker that missed messages discards its recent ones and reads the store")
    func passedBy() async throws {
        try await ScriptedServer.run(setUp: Self.setUp) { server, hub in
            let (first, id) = try await server.join()
            await hub.send(.subscribed(id, lastPublished: 0, highest: 0), Self.published(1))
            #expect(try await first.next() == Self.row(1))
            first.close()
            try await eventually { hub.batches.last == ["unregister"] }
            hub.pages.provide(HistoryPage(messages: (1...3).map { Self.message($0) }, reachesEnd: true))
            let (second, other) = try await server.join(1)
            await hub.send(.subscribed(other, lastPublished: 3, highest: 3))
            #expect(try await second.next(3) == [1, 2, 3].map(Self.row))
            #expect(hub.pages.requests == ["(0, 3]"])
        }
    }

    @Test("an answer to a subscription whose reader has closed causes no gap for the next reader")
    func goneBeforeTheAnswer() async throws {
        try await ScriptedServer.run(setUp: Self.setUp) { server, hub in
            let (first, id) = try await server.join()
            first.close()
            try await eventually { hub.batches.last == ["unregister"] }
            await hub.send(.subscribed(id, lastPublished: 2, highest: 2), Self.published(3), Self.published(4))
            hub.pages.provide(HistoryPage(messages: (1...4).map { Self.message($0) }, reachesEnd: true))
            let (second, other) = try await server.join(1)
            await hub.send(.subscribed(other, lastPublished: 4, highest: 4))
            #expect(try await second.next(4) == (1...4).map(Self.row))
            #expect(hub.pages.requests == ["(0, 4]"])
        }
    }

    @Test("a message that was already applied is not delivered again")
    func twice() async throws {
        try await ScriptedServer.run(setUp: Self.setUp) { server, hub in
            let (client, id) = try await server.join()
            await hub.send(.subscribed(id, lastPublished: 0, highest: 0), Self.published(3))
            await hub.send(Self.published(2), Self.published(3), Self.published(4))
            #expect(try await client.next(2) == [3, 4].map(Self.row))
        }
    }

    @Test("events and messages arrive in stream order")
    func mixed() async throws {
        try await ScriptedServer.run(setUp: Self.setUp) { server, hub in
            let (client, id) = try await server.join()
            await hub.send(.subscribed(id, lastPublished: 0, highest: 0))
            await hub.send(
                WorkerStreamTests.event("a"), Self.published(1), Self.published(2),
                WorkerStreamTests.event("b"),
                WorkerStreamTests.event("c"), Self.published(3))
            #expect(
                try await client.next(6)
                    == [#"42["a"]"#, Self.row(1), Self.row(2), #"42["b"]"#, #"42["c"]"#, Self.row(3)])
        }
    }
}
