import Cluster
import SocketTesting
import Testing

@Suite("Events between servers")
struct ServerEventCases {
    @Test("the handlers of the other servers run", arguments: Deployment.allCases)
    func event(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onServerSide("hello") { (number: Int, text: String) in notes.add("\(number) \(text)") }
        } test: { server in
            try server.io.serverSideEmit("hello", 1, "2")
            try await server.test.settle()
            #expect(server.notes.all == (deployment == .oneProcess ? [] : ["1 2"]), "not in the server that sends")
        }
    }

    @Test("binary data passes", arguments: Deployment.allCases)
    func binary(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.onServerSide("bin") { (arguments: Arguments) in arguments }
        } test: { server in
            let answers = try await server.io.serverSideEmitWithAcknowledgements("bin", [.binary([1, 2]), .json(3)])
            #expect(answers == [Arguments](repeating: [.binary([1, 2]), .json(3)], count: deployment.workerCount - 1))
        }
    }

    @Test("the answers of asynchronous handlers arrive", arguments: Deployment.allCases)
    func answers(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.onServerSide("double") { (number: Int) async throws in
                for _ in 0..<10 { await Task.yield() }
                return 2 * number
            }
        } test: { server in
            let answers: [Int] = try await server.io.callServers("double", 21)
            #expect(answers == [Int](repeating: 42, count: deployment.workerCount - 1))
        }
    }

    @Test("a namespace's events reach the handlers of the same namespace", arguments: Deployment.allCases)
    func namespace(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onServerSide("hello") { notes.add("main") }
            io.of("/chat").onServerSide("hello") { notes.add("chat") }
        } test: { server in
            server.io.of("/chat").serverSideEmit("hello")
            try await server.test.settle()
            #expect(server.notes.all == (deployment == .oneProcess ? [] : ["chat"]))
        }
    }

    @Test("a client's event of the same name does not reach these handlers", arguments: Deployment.allCases)
    func client(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onServerSide("hello") { notes.add("called") }
        } test: { server in
            try await server.connect().emit("hello")
            try await server.test.settle()
            #expect(server.notes.all.isEmpty)
        }
    }

    @Test("handlers are called in the order of the events", arguments: Deployment.allCases)
    func order(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onServerSide("number") { (number: Int) in notes.add("\(number)") }
        } test: { server in
            for number in 0..<100 { try server.io.serverSideEmit("number", number) }
            try await server.test.settle()
            #expect(server.notes.all == (deployment == .oneProcess ? [] : (0..<100).map(String.init)))
        }
    }

    @Test("a server without a handler is a failure", arguments: [Deployment.workers])
    func noHandler(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { server in
            let error = await failure(server, timeout: .seconds(60))
            #expect(error?.reason == .failed)
            #expect(error?.failures.count == 1)
        }
    }

    @Test("the error of a handler is a failure, and is reported where it was thrown", arguments: [Deployment.workers])
    func throwing(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.onServerSide("ask") { () throws -> Int in throw ConnectError("no") }
        } test: { server in
            let error = await failure(server, timeout: .seconds(60))
            #expect(error?.reason == .failed)
            #expect(error?.failures.count == 1)
            #expect(server.notes.all.count == 1)
        }
    }

    @Test("a handler that does not return in time is missing", arguments: [Deployment.workers])
    func timeout(_ deployment: Deployment) async throws {
        let (gate, opening) = AsyncStream<Void>.makeStream()
        try await CaseServer.run(deployment) { io, _ in
            io.onServerSide("ask") { () async throws -> Int in
                for await _ in gate {}
                return 1
            }
        } test: { server in
            let error = await failure(server, timeout: .milliseconds(20))
            #expect(error?.reason == .timedOut)
            opening.finish()
        }
    }

    private func failure(_ server: CaseServer, timeout: Duration) async -> IncompleteAnswers? {
        await #expect(throws: IncompleteAnswers.self) {
            try await server.io.serverSideEmitWithAcknowledgements("ask", timeout: timeout)
        }
    }
}
