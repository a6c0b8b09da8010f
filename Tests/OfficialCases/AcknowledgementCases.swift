import Cluster
import SocketTesting
import Testing

@Suite("Acknowledgements")
struct AcknowledgementCases {
    @Test("a handler can acknowledge with several values", arguments: Deployment.allCases)
    func receives(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.on("woot") { _, event in event.acknowledgement?([.json(1), .json(2)]) }
        } test: { server in
            let client = try await server.connect()
            #expect(try await client.emitWithAcknowledgement("woot") == [.json(1), .json(2)])
        }
    }

    @Test("arguments and acknowledgement go together", arguments: Deployment.allCases)
    func receivesArguments(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.on("woot") { (_, a: Int, b: Int) in notes.add("\(a) \(b)") }
        } test: { server in
            let answer = try await server.connect().emitWithAcknowledgement("woot", [.json(1), .json(2)])
            #expect(answer.isEmpty)
            #expect(server.notes.all == ["1 2"])
        }
    }

    @Test("an event with binary data is acknowledged", arguments: Deployment.allCases)
    func receivesBinary(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.on("woot") { (_, data: [UInt8]) in data.count }
        } test: { server in
            let client = try await server.connect()
            #expect(try await client.call("woot", [UInt8](repeating: 0, count: 3)) == 3)
        }
    }

    @Test("an acknowledgement can have binary data", arguments: Deployment.allCases)
    func answersBinary(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.on("woot") { _ in [UInt8](repeating: 0, count: 2) }
        } test: { server in
            let client = try await server.connect()
            #expect(try await client.emitWithAcknowledgement("woot") == [.binary([0, 0])])
        }
    }

    @Test("only the first acknowledgement of an event is sent", arguments: Deployment.allCases)
    func once(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.on("woot") { _, event in
                event.acknowledgement?([.json("first")])
                event.acknowledgement?([.json("second")])
            }
        } test: { server in
            let client = try await server.connect()
            #expect(try await client.call("woot") == "first")
        }
    }

    @Test("an event without a callback has no acknowledgement", arguments: Deployment.allCases)
    func none(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.on("woot") { _, event in notes.add("\(event.acknowledgement == nil)") }
        } test: { server in
            try await server.connect().emit("woot")
            try await server.test.settle()
            #expect(server.notes.all == ["true"])
        }
    }

    /// Runs a case in which the server calls the event `hi` of the client.
    private func call(
        _ deployment: Deployment, with arguments: Arguments = [],
        answer: @escaping @Sendable (Arguments) throws -> Arguments?, expecting expected: Arguments
    ) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.on("go") { (socket) async throws -> Bool in
                let answer = try await socket.emitWithAcknowledgement("hi", arguments, timeout: .seconds(5))
                return answer == expected
            }
        } test: { server in
            let client = try await server.connect()
            client.onRaw("hi", answer)
            #expect(try await client.call("go") == true)
        }
    }

    @Test("the server emits an event and gets the acknowledgement", arguments: Deployment.allCases)
    func emits(_ deployment: Deployment) async throws {
        try await call(deployment, answer: { _ in [] }, expecting: [])
    }

    @Test("values are arguments of an event and of its acknowledgement", arguments: Deployment.allCases)
    func values(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.on("ask") { (socket, number: Int) async throws -> String in
                let answer = try await socket.emitWithAcknowledgement("sum", number, 2.5)
                let (sum, note) = try answer.decode(Double.self, String.self)
                let others = try await io.emitWithAcknowledgements("sum", number, 0.5)
                return try "\(sum) \(note) \(others.map { try $0.decode(Double.self) })"
            }
        } test: { server in
            let client = try await server.connect()
            client.onRaw("sum") { arguments in
                let (number, other) = try arguments.decode(Int.self, Double.self)
                return try Arguments(encoding: Double(number) + other, "sum")
            }
            let answer = try await client.emitWithAcknowledgement("ask", 40)
            #expect(answer == [.json("42.5 sum [40.5]")])
        }
    }

    @Test("a client's handler without a result acknowledges without arguments", arguments: Deployment.allCases)
    func noResult(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.on("ask") { socket in
                let counts = [
                    try await socket.emitWithAcknowledgement("none"),
                    try await socket.emitWithAcknowledgement("one", 1),
                    try await socket.emitWithAcknowledgement("two", 1, 2),
                    try await socket.emitWithAcknowledgement("three", 1, 2, 3),
                ]
                return counts.map(\.count)
            }
        } test: { server in
            let client = try await server.connect()
            let notes = server.notes
            client.on("none") { notes.add("none") }
            client.on("one") { (first: Int) in notes.add("\(first)") }
            client.on("two") { (first: Int, second: Int) in notes.add("\(first + second)") }
            client.on("three") { (first: Int, second: Int, third: Int) in notes.add("\(first + second + third)") }
            let counts: [Int] = try await client.call("ask")
            #expect(counts == [0, 0, 0, 0])
            #expect(notes.all == ["none", "1", "3", "6"])
        }
    }

    @Test("the server emits arguments and gets the acknowledgement", arguments: Deployment.allCases)
    func emitsArguments(_ deployment: Deployment) async throws {
        try await call(deployment, with: [.json(1), .json(2)], answer: { $0 }, expecting: [.json(1), .json(2)])
    }

    @Test("the server emits binary data and gets the acknowledgement", arguments: Deployment.allCases)
    func emitsBinary(_ deployment: Deployment) async throws {
        try await call(deployment, with: [.binary([0, 0, 0, 0])], answer: { _ in [] }, expecting: [])
    }

    @Test("the server gets binary data in an acknowledgement", arguments: Deployment.allCases)
    func getsBinary(_ deployment: Deployment) async throws {
        try await call(deployment, answer: { _ in [.binary([7])] }, expecting: [.binary([7])])
    }

    @Test("a call returns the first value of the acknowledgement", arguments: Deployment.allCases)
    func typed(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.on("go") { (socket) async throws -> Int in try await socket.call("hi", 1, 2) }
        } test: { server in
            let client = try await server.connect()
            client.on("hi") { (a: Int, b: Int) in a + b }
            #expect(try await client.call("go") == 3)
        }
    }

    @Test("a handler that throws acknowledges with the error", arguments: Deployment.allCases)
    func error(_ deployment: Deployment) async throws {
        struct Refused: ClientError {
            var clientMessage: String { "not now" }
        }
        struct Secret: Error {}
        try await CaseServer.run(deployment) { io, _ in
            io.on("refuse") { (_, _: Int) in throw Refused() }
            io.on("fail") { (_, _: Int) in throw Secret() }
        } test: { server in
            let client = try await server.connect()
            let refused = try await client.emitWithAcknowledgement("refuse", [.json(1)])
            #expect(refused == [.json(["error": "not now"])])
            let failed = try await client.emitWithAcknowledgement("fail", [.json(1)])
            #expect(failed == [.json(["error": "internal server error"])])
        }
    }

    @Test("an argument of a wrong type is answered with an error", arguments: Deployment.allCases)
    func wrongType(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.on("number") { (_, number: Int) in notes.add("\(number)") }
        } test: { server in
            let client = try await server.connect()
            let answer = try await client.emitWithAcknowledgement("number", [.json("text")])
            guard case .json(let error)? = answer.first else {
                Issue.record("\(answer)")
                return
            }
            #expect(error["error"]?.string?.isEmpty == false)
            #expect(server.notes.all.count == 1)
            #expect(server.notes.all[0].hasPrefix("report: "))
        }
    }

    @Test("a socket's handlers run one after the other", arguments: Deployment.allCases)
    func order(_ deployment: Deployment) async throws {
        // Node does not wait for asynchronous handlers. Ours does, except for those added with `concurrently`.
        try await CaseServer.run(deployment) { io, notes in
            io.on("slow") { (_) async throws in
                for _ in 0..<20 { await Task.yield() }
                notes.add("slow")
            }
            io.on("fast") { _ in notes.add("fast") }
        } test: { server in
            let client = try await server.connect()
            try client.emit("slow")
            try await client.emitWithAcknowledgement("fast")
            #expect(server.notes.all == ["slow", "fast"])
        }
    }
}
