import Cluster
import SocketTesting
import Testing

@Suite("Acknowledgements of broadcasts")
struct BroadcastAcknowledgementCases {
    private static func setUp(_ io: SocketServer, _ notes: CaseNotes) {
        _ = io.of("/test")
        io.on("join") { (socket, room: String) in socket.join(room) }
        io.on("ask the others") { (socket, timeout: Int) async throws -> [Int] in
            try await socket.broadcast.call("number", timeout: .milliseconds(timeout)).sorted()
        }
    }

    /// Connects clients that answer with their numbers.
    private func connect(_ server: CaseServer, _ count: Int, _ namespace: String = "/") async throws -> [TestSocket] {
        let clients = try await server.connect(count, namespace)
        for (number, client) in clients.enumerated() { client.on("number") { number } }
        return clients
    }

    @Test("the acknowledgements of all clients arrive", arguments: Deployment.allCases)
    func all(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            _ = try await connect(server, 3)
            let answers: [Int] = try await server.io.call("number")
            #expect(answers.sorted() == [0, 1, 2])
        }
    }

    @Test("binary data passes in both directions", arguments: Deployment.allCases)
    func binary(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            for (number, client) in try await server.connect(2).enumerated() {
                client.onRaw("bin") { arguments in
                    guard arguments == [.binary([1, 2, 3])] else { return nil }
                    return [.binary([UInt8(number)])]
                }
            }
            let answers = try await server.io.emitWithAcknowledgements("bin", [.binary([1, 2, 3])])
            #expect(answers.contains([.binary([0])]) && answers.contains([.binary([1])]) && answers.count == 2)
        }
    }

    @Test("without clients there are no acknowledgements", arguments: Deployment.allCases)
    func nobody(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let answers: [Int] = try await server.io.call("number")
            #expect(answers.isEmpty)
            _ = try await connect(server, 1)
            let others: [Int] = try await server.io.of("/test").call("number")
            #expect(others.isEmpty)
        }
    }

    @Test("a client that does not acknowledge times out, the other answers arrive", arguments: Deployment.allCases)
    func silence(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            _ = try await connect(server, 2)
            let silent = try await server.connect()
            let error = try await failure(of: server, timeout: .seconds(1)) {
                try await silent.expect("number")
                try await server.test.advance(by: .seconds(2))
            }
            #expect(error.reason == .timedOut)
            #expect(error.answers(as: Int.self).sorted() == [0, 1])
        }
    }

    @Test("a client that is lost ends the wait for it", arguments: Deployment.allCases)
    func lost(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            _ = try await connect(server, 1)
            let silent = try await server.connect()
            let error = try await failure(of: server, timeout: .seconds(60)) {
                try await silent.expect("number")
                silent.client.loseConnection()
            }
            #expect(error.reason == .recipientsGone)
            #expect(error.answers(as: Int.self) == [0])
        }
    }

    /// The error of a call whose answers are incomplete.
    private func failure(
        of server: CaseServer, timeout: Duration, meanwhile: () async throws -> Void
    ) async throws -> IncompleteAnswers {
        async let answers: [Int] = server.io.call("number", timeout: timeout)
        try await meanwhile()
        do {
            let complete = try await answers
            throw Unexpected(answers: complete)
        } catch let error as IncompleteAnswers {
            return error
        }
    }

    private struct Unexpected: Error {
        let answers: [Int]
    }

    @Test("only the members of the rooms are asked", arguments: Deployment.allCases)
    func rooms(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            for (number, client) in try await connect(server, 5).enumerated() where number > 0 {
                try await client.emitWithAcknowledgement("join", [.json(number < 3 ? "first" : "second")])
            }
            let first: [Int] = try await server.io.to("first").call("number")
            #expect(first.sorted() == [1, 2])
            let both: [Int] = try await server.io.to("first").to("second").call("number")
            #expect(both.sorted() == [1, 2, 3, 4])
            let rest: [Int] = try await server.io.except("second").call("number")
            #expect(rest.sorted() == [0, 1, 2])
        }
    }

    @Test("a socket asks the others", arguments: Deployment.allCases)
    func others(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await connect(server, 3)
            let answers: [Int] = try await clients[1].call("ask the others", 10_000)
            #expect(answers == [0, 2])
        }
    }

    @Test("a local audience has the clients of one worker", arguments: Deployment.allCases)
    func local(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            _ = try await connect(server, 4)
            let answers: [Int] = try await server.io.local.call("number")
            #expect(answers.sorted() == (deployment == .oneProcess ? [0, 1, 2, 3] : [0, 2]))
        }
    }

    @Test("an answer of another type does not spoil the others", arguments: Deployment.allCases)
    func wrongType(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await connect(server, 3)
            clients[2].on("number") { "two" }
            let error = try await failure(of: server, timeout: .seconds(60)) {}
            #expect(error.reason == .failed)
            #expect(error.failures.count == 1)
            #expect(error.answers(as: Int.self).sorted() == [0, 1])
        }
    }

    @Test("an answer counts for its own call only", arguments: Deployment.allCases)
    func ownCall(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await connect(server, 2)
            clients[1].off("number")
            let error = try await failure(of: server, timeout: .seconds(60)) {
                try await clients[1].expect("number")
                clients[1].on("number") { 7 }
                let again: [Int] = try await server.io.call("number", timeout: .seconds(60))
                #expect(again.sorted() == [0, 7])
                clients[1].client.loseConnection()
            }
            #expect(error.reason == .recipientsGone)
            #expect(error.answers(as: Int.self) == [0], "the answer to the second call is not one to the first")
        }
    }

    @Test("a volatile event does not wait for a client that missed it", arguments: Deployment.allCases)
    func volatile(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await connect(server, 2)
            clients[1].client.stopReceiving()
            server.io.emit("large", [.binary([UInt8](repeating: 0, count: 1 << 20))])
            try await server.test.settle()
            let error = await #expect(throws: IncompleteAnswers.self) {
                try await server.io.volatile.emitWithAcknowledgements("number", timeout: .seconds(60))
            }
            #expect(error?.reason == .recipientsGone)
            #expect(error?.answers(as: Int.self) == [0])
            clients[1].client.resumeReceiving()
        }
    }

    @Test("a reserved name is refused at the call", arguments: Deployment.allCases)
    func reserved(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let error = await #expect(throws: AcknowledgementError.self) {
                try await server.io.emitWithAcknowledgements("connect")
            }
            #expect(error.map { "\($0)" }?.contains("connect") == true)
        }
    }
}
