import Testing
import Transport

@testable import Actors

@Suite("Socket table: the recipients of the events in the hub's stream", .overDirectLink)
struct SocketTableTests {
    /// Connected sockets in a separate table: a, b and c in the main namespace, d in another. The room red contains a
    /// and b, the room blue b and c. x is not in the table yet.
    private struct Fixture {
        var table: SocketTable
        let sockets: [Socket]
        var x: Socket { sockets[4] }

        init(_ sockets: [Socket], on loop: EventLoop) {
            self.sockets = sockets
            table = SocketTable(loop: loop)
            for socket in sockets[..<4] {
                table.add(socket)
                _ = table.registered(socket.id)
            }
            for (index, room) in [(0, "red"), (1, "red"), (1, "blue"), (2, "blue")] {
                _ = table.joined(sockets[index].id, room)
            }
        }

        func letters(_ found: [Socket]) -> String {
            let ids = sockets.map(\.id)
            return String(found.map { Array("abcdx")[ids.firstIndex(of: $0.id) ?? 0] })
        }

        func recipients(_ rooms: [String], except: [String] = [], in namespace: String = "/") -> String {
            let audience = Broadcast(
                namespace: namespace, rooms: rooms, exceptions: except, event: EncodedEvent(text: []),
                isVolatile: false)
            return switch table.recipients(of: audience) {
            case .room(let room): letters(room.members)
            case .members(let members): letters(members)
            }
        }
    }

    private func withTable(_ test: @escaping @Sendable (inout Fixture) throws -> Void) async throws {
        let accepted = AcceptedSockets()
        try await TestServer.run { server in
            for namespace in [server.main, server.server.of("/other")] {
                namespace.onConnection { accepted.add($0) }
            }
        } test: { server in
            for namespace in ["", "", "", "/other", ""] { try await server.connect().join(namespace) }
            try await accepted.run(on: server) { sockets in
                var fixture = Fixture(sockets, on: server.loop)
                try test(&fixture)
            }
        }
    }

    @Test("recipients follow from rooms, exceptions and rooms named after sockets, without duplicates")
    func recipients() async throws {
        try await withTable { fixture in
            let own = fixture.sockets.map(\.id.description)
            #expect(fixture.recipients([]) == "abc")
            #expect(fixture.recipients([], in: "/other") == "d")
            #expect(fixture.recipients([], in: "/nowhere") == "")
            #expect(fixture.recipients(["red", "blue"]) == "abc")
            #expect(fixture.recipients(["blue"], except: ["red"]) == "c")
            #expect(fixture.recipients([own[2], "red"]) == "cab")
            #expect(fixture.recipients([own[2]]) == "c")
            #expect(fixture.recipients([], except: [own[0]]) == "bc")
            #expect(fixture.recipients([own[3]]) == "", "its room belongs to its namespace")
        }
    }

    @Test("a socket with a pending registration receives nothing")
    func registering() async throws {
        try await withTable { fixture in
            fixture.table.add(fixture.x)
            #expect(fixture.recipients([fixture.x.id.description]) == "")
            #expect(fixture.table[fixture.x.id] === fixture.x)
        }
    }

    @Test("a closed socket is in no room, but remains the recipient of pending results")
    func leaving() async throws {
        try await withTable { fixture in
            let socket = fixture.sockets[1]
            let isThere = fixture.table.remove(socket, awaitsResults: true)
            #expect(isThere)
            #expect(fixture.recipients(["red"]) == "a")
            #expect(fixture.recipients(["blue"]) == "c")
            #expect(fixture.table[socket.id] == nil)
            #expect(fixture.table.resultRecipient(socket.key) === socket)
            let isStillThere = fixture.table.remove(socket, awaitsResults: true)
            #expect(!isStillThere)
            fixture.table.forget(socket.key)
            #expect(fixture.table.resultRecipient(socket.key) == nil)
        }
    }

    @Test("closed sockets can be removed before their results arrive; open ones stay")
    func removesLeaving() async throws {
        try await withTable { fixture in
            let sockets = fixture.sockets
            _ = fixture.table.remove(sockets[0], awaitsResults: false)
            _ = fixture.table.remove(sockets[1], awaitsResults: true)
            #expect(fixture.letters(fixture.table.removeLeaving()) == "b")
            #expect(fixture.table.resultRecipient(sockets[1].key) == nil)
            #expect(fixture.table.resultRecipient(sockets[2].key) === sockets[2])
        }
    }

    @Test("a recovered session is in its rooms immediately, under its new owner epoch only")
    func adopted() async throws {
        try await withTable { fixture in
            let x = fixture.x
            fixture.table.adopt(x, rooms: ["red", "new"])
            #expect(fixture.recipients(["red"]) == "abx")
            #expect(fixture.recipients(["new"]) == "x")
            #expect(fixture.table[x.key] === x)
            #expect(fixture.table[SessionKey(id: x.id, ownerEpoch: x.key.ownerEpoch + 1)] == nil)
        }
    }
}
