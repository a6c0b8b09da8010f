import Testing
import Transport

@testable import Actors

@Suite("Slow readers: bounded memory without lost messages", .overEachLink)
struct SlowReaderTests {
    /// Allows more pending output than the slow mark, but less than the tests send.
    static let options = ServerOptions(engine: EngineOptions(maxPending: 400 << 10))
    static let smallBuffers = 64 << 10

    static let text = String(repeating: "x", count: 20_000)

    static func run(_ setUp: (TestServer) -> Void, test: (TestServer, _ slow: TestClient) async throws -> Void)
        async throws
    {
        try await TestServer.run(options, kernelBuffers: smallBuffers, setUp: setUp) { server in
            let slow = try await server.join(TestClient.Options(kernelBuffers: smallBuffers))
            slow.setReading(false)
            try await test(server, slow)
        }
    }

    @Test("a slow client leaves the live set and receives every message once, in order, when it reads again")
    func messages() async throws {
        try await Self.run(storing) { server, slow in
            let writer = try await server.join()
            let count = 100
            for round in 0..<10 {
                let numbers = round * 10..<(round + 1) * 10
                writer.send(numbers.map { #"2\#($0)["message","\#($0) \#(Self.text)"]"# })
                let received = try await writer.next(20)
                #expect(received.filter { $0.hasPrefix("43") } == numbers.map { "43\($0)[]" })
            }
            #expect(await server.server.status.slowReaders == 1)
            #expect(await server.server.status.sessions == 2, "its pending output stayed below the limit")

            slow.setReading(true)
            let received = try await slow.next(count)
            #expect(received.map { $0.prefix(20) } == (0..<count).map { #"42["message","\#($0) xxxx"#.prefix(20) })
            writer.send(#"2["message","live again"]"#)
            #expect(try await slow.next() == #"42["message","live again",\#(count + 1)]"#)
        }
    }

    @Test("a large group of messages committed together closes no connection")
    func largeGroup() async throws {
        try await Self.run(storing) { server, slow in
            let writer = try await server.join()
            server.store.hold()
            _ = writer.flood((0..<100).map { #"2["message","\#($0) \#(Self.text)"]"# })
            try await eventually { await server.hub.status.waiting == 100 }
            server.store.release()
            let rows = (0..<100).map { #"42["message","\#($0) xxxx"#.prefix(20) }
            #expect(try await writer.next(100).map { $0.prefix(20) } == rows)
            slow.setReading(true)
            #expect(try await slow.next(100).map { $0.prefix(20) } == rows)
        }
    }

    @Test("events above the pending limit close the connection with a transport error")
    func events() async throws {
        try await Self.run { server in
            server.main.onDisconnect { _, reason in server.notes.add(reason.rawValue) }
        } test: { server, slow in
            let argument = JSONText(string: Self.text)
            try await eventually {
                server.main.emit("x", [.json(argument)])
                return server.notes.all == ["transport error"]
            }
            #expect(await server.server.status.sessions == 0)
        }
    }

    @Test("volatile events above the slow mark are dropped, other events are not", arguments: ["direct", "broadcast"])
    func volatileEvents(kind: String) async throws {
        try await Self.run { server in
            let text = JSONText(string: Self.text)
            server.main.on("direct") { socket, _ in
                for number in 0..<100 { socket.emitVolatile("x", [.json(JSONText(integer: number)), .json(text)]) }
                socket.emit("end")
            }
            server.main.on("broadcast") { _, _ in
                let everyone = server.main.everyone.volatile
                for number in 0..<100 { everyone.emit("x", [.json(JSONText(integer: number)), .json(text)]) }
                server.main.emit("end")
            }
        } test: { server, slow in
            slow.send("2[\"\(kind)\"]")
            // Another client's event passes through the server after the slow client's event.
            let other = try await server.join()
            other.send(#"2["direct"]"#)
            while try await other.next() != #"42["end"]"# {}
            slow.setReading(true)
            var numbers: [Int] = []
            while case let packet = try await slow.next(), packet != #"42["end"]"# {
                numbers.append(try #require(packet.split(separator: ",").dropFirst().first.flatMap { Int($0) }))
            }
            #expect(numbers == numbers.sorted() && numbers.first == 0, "in order, starting with the first")
            #expect((1..<100).contains(numbers.count))
        }
    }
}
