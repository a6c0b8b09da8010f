import Testing
import Transport

@testable import Actors

@Suite("Worker: a limited number of fetches waits for the hub's answers", .overDirectLink)
struct WorkerFetchTests {
    /// Starts a fetch and notes its outcome under a name.
    @discardableResult
    private func fetch(
        _ name: String, _ server: ScriptedServer, _ notes: Notes, timeout: Duration = .seconds(5)
    ) -> Task<Void, Never> {
        let main = server.server.of("/")
        return TestMachine.current.task {
            do {
                notes.add("\(name): \(try await main.fetchSockets(timeout: timeout).count)")
            } catch {
                notes.add("\(name): \(error)")
            }
        }
    }

    private func requests(_ hub: ScriptedAdapter) -> [String] { hub.batches.flatMap { $0 } }

    private func answer(_ number: UInt64, _ count: Int = 0) -> HubEvent {
        let sockets = (0..<count).map { _ in FetchedSocket(id: .random(), rooms: [], data: nil) }
        return .fetched(number, nil, .sockets(sockets), credit: 0)
    }

    @Test("answers in any order match their fetches; a fetch above the limit waits for an answer")
    func window() async throws {
        try await ScriptedServer.run { server, hub in
            let notes = Notes()
            for number in 1...6 { fetch("\(number)", server, notes) }
            try await eventually { requests(hub).count == 4 }
            #expect(requests(hub) == (1...4).map { "fetch \($0)" })
            await hub.send(answer(3, 30))
            try await eventually { requests(hub).count == 5 }
            await hub.send(answer(1, 10), .fetched(2, nil, .tooLarge(count: 7), credit: 0))
            try await eventually {
                notes.all == ["3: 30", "1: 10", "2: the descriptions of 7 sockets are too large for one answer"]
            }
            #expect(requests(hub) == (1...6).map { "fetch \($0)" })
            await hub.send(answer(4), answer(6), answer(5))
            try await eventually { notes.all.count == 6 }
        }
    }

    @Test("a fetch times out; it keeps its place in the window until the late answer, which has no other effect")
    func timeout() async throws {
        try await ScriptedServer.run { server, hub in
            let notes = Notes()
            for number in 1...4 { fetch("\(number)", server, notes, timeout: .milliseconds(100)) }
            try await eventually { notes.all.sorted() == (1...4).map { "\($0): the hub did not answer in time" } }
            fetch("5", server, notes, timeout: .milliseconds(100))
            fetch("6", server, notes, timeout: .seconds(3600))
            try await eventually { notes.all.last == "5: the hub did not answer in time" }
            #expect(requests(hub).count == 4)
            await hub.send(answer(2, 20))
            try await eventually { requests(hub).last == "fetch 6" }
            #expect(requests(hub).count == 5, "a fetch that has timed out before it was open is not sent")
            await hub.send(answer(1), answer(3), answer(4), answer(6, 60))
            try await eventually { notes.all.last == "6: 60" }
            #expect(notes.all.count == 6)
        }
    }

    @Test("cancelling the task ends an open or a waiting fetch, also before it begins")
    func cancelled() async throws {
        try await ScriptedServer.run { server, hub in
            let notes = Notes()
            let tasks = (1...5).map { fetch("\($0)", server, notes, timeout: .seconds(3600)) }
            try await eventually { requests(hub).count == 4 }
            tasks[4].cancel()
            tasks[0].cancel()
            let early = fetch("early", server, notes, timeout: .seconds(3600))
            early.cancel()
            try await eventually { notes.all.count == 3 }
            #expect(Set(notes.all) == Set(["1", "5", "early"].map { "\($0): CancellationError()" }))
            await hub.send(answer(1), answer(2), answer(3), answer(4))
            try await eventually { notes.all.count == 6 }
            #expect(requests(hub).count == 4)
        }
    }

    @Test("a socket's fetch is ordered among its calls, and its later output waits for the answer")
    func order() async throws {
        let machine = TestMachine.current
        try await ScriptedServer.run { server in
            server.of("/").on("ask") { socket, event in
                socket.join("a")
                let task = machine.task { _ = try? await socket.broadcast.fetchSockets() }
                await machine.wait(.milliseconds(5))
                socket.join("b")
                event.acknowledgement?()
                await task.value
                socket.emit("done")
            }
        } test: { server, hub in
            let (client, id) = try await server.join()
            client.send(#"20["ask"]"#)
            try await eventually { hub.batches.last == ["join b"] }
            #expect(requests(hub).dropFirst() == ["join a", "fetch 1 as sender", "join b"])
            await hub.send(.joined(id, room: "a"), WorkerStreamTests.event("x"))
            #expect(try await client.next() == #"42["x"]"#)
            await hub.send(
                .fetched(1, SessionKey(id: id), .sockets([]), credit: 0), WorkerStreamTests.event("y"),
                .joined(id, room: "b"))
            #expect(try await client.next(3) == [#"42["y"]"#, "430[]", #"42["done"]"#])
        }
    }

    @Test("once the loop has ended, a fetch fails")
    func loopEnded() async throws {
        let notes = Notes()
        try await ScriptedServer.run { server, hub in
            fetch("1", server, notes, timeout: .seconds(3600))
            try await eventually { requests(hub).count == 1 }
            server.loop.stop()
            try await eventually { notes.all == ["1: the server is closed"] }
        }
    }

    @Test("a change applies to the members as of its place in the stream")
    func change() async throws {
        try await ScriptedServer.run { server in
            server.of("/").on("leave") { socket, _ in
                socket.leave("s")
                socket.emit("rooms", [.json(JSONText(integer: socket.rooms.count))])
            }
        } test: { server, hub in
            let (client, id) = try await server.join()
            let all = SocketSelection(namespace: "/", rooms: [], exceptions: [])
            await hub.send(
                WorkerStreamTests.event("before", to: "s"), .changed(all, .join(["s"])),
                WorkerStreamTests.event("after", to: "s"))
            client.send(#"2["leave"]"#)
            #expect(try await client.next() == #"42["after"]"#)
            try await eventually { hub.batches.last == ["leave s"] }
            // A change that the hub ordered before the leave does not undo it.
            await hub.send(.changed(all, .join(["s"])), .left(id, room: "s"))
            #expect(try await client.next() == #"42["rooms",1]"#)
            client.send(#"2["leave"]"#)
            #expect(try await client.next() == #"42["rooms",1]"#)
            await hub.send(.changed(all, .disconnect(close: false)), WorkerStreamTests.event("never"))
            #expect(try await client.next() == "41")
            try await eventually { hub.batches.last == ["unregister"] }
        }
    }
}
