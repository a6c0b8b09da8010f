import Cluster
import SocketTesting
import Testing

@Suite("Timeouts of acknowledgements")
struct TimeoutCases {
    private static func setUp(_ io: SocketServer, _ notes: CaseNotes) {
        io.on("call") { (socket, name: String, milliseconds: Int) async throws -> String in
            do {
                notes.add("calling")
                let answer: Int = try await socket.call(name, 42, timeout: .milliseconds(milliseconds))
                return "answer \(answer)"
            } catch AcknowledgementError.timedOut {
                return "timed out"
            } catch {
                notes.add("\(error)")
                throw error
            }
        }
    }

    private func call(_ client: TestSocket, _ name: String, _ milliseconds: Int) async throws -> String {
        try await client.call("call", name, milliseconds)
    }

    @Test("a client that does not acknowledge times out", arguments: Deployment.allCases)
    func noAnswer(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect()
            let result = try await call(client, "unknown", 20)
            #expect(result == "timed out")
        }
    }

    @Test("a client that acknowledges too late times out", arguments: Deployment.allCases)
    func lateAnswer(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect()
            client.on("echo") { (number: Int) in number }
            client.client.stopReceiving()
            async let result = call(client, "echo", 1000)
            try await server.waitForNote("calling")
            try await server.test.advance(by: .seconds(2))
            client.client.resumeReceiving()
            let text = try await result
            #expect(text == "timed out")
        }
    }

    @Test("a client that acknowledges in time does not time out", arguments: Deployment.allCases)
    func answer(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect()
            client.on("echo") { (number: Int) in number }
            let result = try await call(client, "echo", 5000)
            #expect(result == "answer 42")
        }
    }

    @Test("a client that disconnects ends the wait", arguments: Deployment.allCases)
    func disconnected(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect()
            try client.emit("call", "unknown", 60_000)
            try await server.test.settle()
            client.client.loseConnection()
            try await server.test.settle()
            #expect(server.notes.all.dropFirst().first == "the client is not connected")
        }
    }

    @Test("a call of a client that is gone fails at once", arguments: Deployment.allCases)
    func gone(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect()
            let socket = try await server.socket(of: client)
            client.disconnect()
            try await server.test.settle()
            await #expect(throws: AcknowledgementError.self) { try await socket.emitWithAcknowledgement("hi") }
        }
    }

    @Test("a call with a reserved name fails at once", arguments: ReservedNames.all)
    func reserved(name: String) async throws {
        try await CaseServer.run(.oneProcess) { server in
            let client = try await server.connect()
            let socket = try await server.socket(of: client)
            await #expect(throws: AcknowledgementError.self) { try await socket.emitWithAcknowledgement(name) }
        }
    }
}
