import Testing
import Transport

@testable import Actors

@Suite("Slow readers: bounded memory, and nothing missing")
struct SlowReaderTests {
    /// Less may wait for a client than the tests send, and more than it may be behind as a live reader.
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

    @Test("who takes too little leaves the live readers, and gets every message once, in order, when it reads again")
    func messages() async throws {
        try await Self.run(storing) { server, slow in
            let writer = try await server.join()
            let count = 100
            for round in 0..<10 {
                let numbers = round * 10..<(round + 1) * 10
                writer.send(numbers.map { #"2\#($0)["message","\#($0) \#(Self.text)"]"# })
                let heard = try await writer.next(20)
                #expect(heard.filter { $0.hasPrefix("43") } == numbers.map { "43\($0)[]" })
            }
            #expect(await server.server.status.slowReaders == 1)
            #expect(await server.server.status.sessions == 2, "it is not closed: it was never far behind in memory")

            slow.setReading(true)
            let heard = try await slow.next(count)
            #expect(heard.map { $0.prefix(20) } == (0..<count).map { #"42["message","\#($0) xxxx"#.prefix(20) })
            writer.send(#"2["message","live again"]"#)
            #expect(try await slow.next() == #"42["message","live again",\#(count + 1)]"#)
        }
    }

    @Test("events beyond the bound end the connection: transport error")
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

    @Test("volatile events are missed beyond the mark, and the connection lives on")
    func volatileEvents() async throws {
        try await Self.run { server in
            server.main.on("flush") { socket, _ in
                for number in 0..<100 {
                    socket.emitVolatile("x", [.json(JSONText(integer: number)), .json(JSONText(string: Self.text))])
                }
                socket.emit("end")
                server.notes.add("flushed")
            }
        } test: { server, slow in
            let argument = JSONText(string: Self.text)
            for _ in 0..<100 { server.main.everyone.volatile.emit("y", [.json(argument)]) }
            // The events are ordered, and given out, before the client's own is handled.
            try await eventually { await server.hub.status.position == 100 }
            slow.send(#"2["flush"]"#)
            try await eventually { server.notes.all == ["flushed"] }
            slow.setReading(true)
            var numbers: [Int] = []
            var others = 0
            while case let packet = try await slow.next(), packet != #"42["end"]"# {
                if packet.hasPrefix(#"42["y""#) { others += 1 }
                if packet.hasPrefix(#"42["x""#) { numbers.append(Int(packet.split(separator: ",")[1]) ?? -1) }
            }
            #expect((1..<100).contains(others))
            #expect(numbers == numbers.sorted() && numbers.count < 100)
        }
    }
}
