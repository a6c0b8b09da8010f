import Synchronization
import Testing

@testable import Actors

@Suite("Acknowledgements of the server's events", .overEachLink)
struct AwaitedAcknowledgementTests {
    /// Emits the events `first` and `second` to each new client and notes their acknowledgements or errors.
    static func setUp(_ server: TestServer, timeout: Duration = .seconds(10)) {
        server.main.onConnection { socket in
            for name in ["first", "second"] {
                server.machine.task {
                    do {
                        let answer = try await socket.emitWithAcknowledgement(
                            name, [.json(JSONText(integer: 7))], timeout: timeout)
                        server.notes.add("\(name): \(String(decoding: answer.slice, as: UTF8.self))")
                    } catch {
                        server.notes.add("\(name): \(error)")
                    }
                }
            }
        }
        server.main.on("end") { socket, _ in socket.emit("end") }
    }

    @Test("each event has a distinct id, and acknowledgements in any order match their events")
    func answers() async throws {
        try await TestServer.run {
            Self.setUp($0)
        } test: { server in
            let client = try await server.join()
            let questions = try await client.next(2)
            #expect(Set(questions.map { $0.prefix(3) }) == ["420", "421"])
            let second = try #require(questions.first { $0.hasSuffix(#"["second",7]"#) }?.dropFirst(2).first)
            let first = second == "0" ? "1" : "0"
            client.send("3\(second)[2,3]")
            try await eventually { server.notes.all == ["second: 2,3"] }
            client.send("3\(first)[]")
            try await eventually { server.notes.all == ["second: 2,3", "first: "] }
        }
    }

    @Test("unexpected and repeated acknowledgements have no effect", arguments: ["399[]", "30[]"])
    func stray(packet: String) async throws {
        try await TestServer.run {
            Self.setUp($0)
        } test: { server in
            let client = try await server.join()
            _ = try await client.next(2)
            client.send(["30[1]", packet, #"2["end"]"#])
            #expect(try await client.next() == #"42["end"]"#)
            try await eventually { server.notes.all.count == 1 }
            client.send("31[2]")
            try await eventually { server.notes.all.count == 2 }
            #expect(Set(server.notes.all.map { $0.suffix(1) }) == ["1", "2"])
        }
    }

    @Test("a client's answer to an event of its earlier connection does not answer a later event")
    func earlierConnection() async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in
                server.machine.task {
                    let answer = try? await socket.emitWithAcknowledgement("sure?")
                    server.notes.add(answer.map { String(decoding: $0.slice, as: UTF8.self) } ?? "none")
                }
            }
        } test: { server in
            let earlier = try await server.join()
            #expect(try await earlier.next() == #"420["sure?"]"#)
            earlier.close()
            try await eventually { server.notes.all == ["none"] }
            let later = try await server.join()
            #expect(try await later.next() == #"421["sure?"]"#)
            later.send(["30[\"yes\"]", "31[\"no\"]"])
            try await eventually { server.notes.all == ["none", "\"no\""] }
        }
    }

    @Test("cancelling the task ends its wait, and a late acknowledgement has no effect")
    func cancelled() async throws {
        let asking = Mutex<Task<Void, Never>?>(nil)
        try await TestServer.run { server in
            server.main.onConnection { socket in
                let task = server.machine.task {
                    do {
                        _ = try await socket.emitWithAcknowledgement("ask", timeout: .seconds(3600))
                    } catch {
                        server.notes.add("\(type(of: error))")
                    }
                }
                asking.withLock { $0 = task }
            }
            server.main.on("end") { socket, _ in socket.emit("end") }
        } test: { server in
            let client = try await server.join()
            #expect(try await client.next() == #"420["ask"]"#)
            let task = try #require(asking.withLock { $0 })
            task.cancel()
            await task.value
            #expect(server.notes.all == ["CancellationError"])
            client.send(["30[1]", #"2["end"]"#])
            #expect(try await client.next() == #"42["end"]"#)
        }
    }

    @Test("a cancelled task does not send the event")
    func cancelledBefore() async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in
                let task = server.machine.task {
                    while !Task.isCancelled { await Task.yield() }
                    do {
                        _ = try await socket.emitWithAcknowledgement("ask", timeout: .seconds(3600))
                    } catch {
                        server.notes.add("\(type(of: error))")
                    }
                }
                task.cancel()
            }
        } test: { server in
            let client = try await server.join()
            try await eventually { server.notes.all == ["CancellationError"] }
            server.main.emit("end")
            #expect(try await client.next() == #"42["end"]"#)
        }
    }

    @Test("the wait ends at its timeout, and a late acknowledgement has no effect")
    func timesOut() async throws {
        try await TestServer.run {
            Self.setUp($0, timeout: .milliseconds(20))
        } test: { server in
            let client = try await server.join()
            _ = try await client.next(2)
            try await eventually {
                Set(server.notes.all)
                    == Set(["first", "second"].map { "\($0): the client did not acknowledge the event in time" })
            }
            client.send(["30[]", "31[]", #"2["end"]"#])
            #expect(try await client.next() == #"42["end"]"#)
            #expect(server.notes.all.count == 2)
        }
    }

    @Test("a wait ends with an error when the client disconnects", arguments: ["41", "1"])
    func goes(packet: String) async throws {
        try await TestServer.run {
            Self.setUp($0)
        } test: { server in
            let client = try await server.join()
            _ = try await client.next(2)
            client.send(packet: packet)
            try await eventually {
                Set(server.notes.all) == ["first: the client is not connected", "second: the client is not connected"]
            }
        }
    }

    @Test("waiting for an acknowledgement from a closed socket throws")
    func alreadyGone() async throws {
        try await TestServer.run { server in
            server.main.onDisconnect { socket, _ in
                server.machine.task {
                    do {
                        _ = try await socket.emitWithAcknowledgement("question")
                    } catch {
                        server.notes.add("\(error)")
                    }
                }
            }
        } test: { server in
            let client = try await server.join()
            client.send("1")
            try await eventually { server.notes.all == ["the client is not connected"] }
        }
    }

    @Test("a disconnected client's socket is released, even if a wait for it had a long timeout")
    func goesWithoutTrace() async throws {
        let gone = WeakSocket()
        try await TestServer.run { server in
            server.main.onConnection { socket in
                gone.set(socket)
                server.machine.task {
                    _ = try? await socket.emitWithAcknowledgement("question", timeout: .seconds(3600))
                }
            }
        } test: { server in
            let client = try await server.join()
            #expect(try await client.next() == #"420["question"]"#)
            #expect(!gone.isNil)
            client.close()
            try await eventually({ gone.isNil }, within: .seconds(5))
        }
    }
}

private final class WeakSocket: Sendable {
    private struct State { weak var socket: Socket? }
    private let state = Mutex(State())

    var isNil: Bool { state.withLock { $0.socket == nil } }
    func set(_ socket: Socket) { state.withLock { $0.socket = socket } }
}
