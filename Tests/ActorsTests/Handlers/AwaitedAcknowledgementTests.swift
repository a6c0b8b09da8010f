import Synchronization
import Testing

@testable import Actors

@Suite("Acknowledgements: a client answers the server's events", .overEachLink)
struct AwaitedAcknowledgementTests {
    /// `ask` asks the client with the same arguments and tells what came of it.
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

    @Test("each question has an id of its own, and each answer finds its question, in any order")
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

    @Test("answers that nobody awaits, and second ones, change nothing", arguments: ["399[]", "30[]"])
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

    @Test("cancelling the task ends its wait, and the answer comes to nothing later")
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

    @Test("a task that is cancelled already asks nothing")
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

    @Test("an answer that does not come in time is given up, and comes to nothing later")
    func timesOut() async throws {
        try await TestServer.run {
            Self.setUp($0, timeout: .milliseconds(20))
        } test: { server in
            let client = try await server.join()
            _ = try await client.next(2)
            try await eventually { Set(server.notes.all) == ["first: timedOut", "second: timedOut"] }
            client.send(["30[]", "31[]", #"2["end"]"#])
            #expect(try await client.next() == #"42["end"]"#)
            #expect(server.notes.all.count == 2)
        }
    }

    @Test("a client that goes answers no more", arguments: ["41", "1"])
    func goes(packet: String) async throws {
        try await TestServer.run {
            Self.setUp($0)
        } test: { server in
            let client = try await server.join()
            _ = try await client.next(2)
            client.send(packet: packet)
            try await eventually { Set(server.notes.all) == ["first: disconnected", "second: disconnected"] }
        }
    }

    @Test("who is gone already cannot be asked")
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
            try await eventually { server.notes.all == ["disconnected"] }
        }
    }

    @Test("a client that goes leaves nothing behind, however long its answer was waited for")
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
