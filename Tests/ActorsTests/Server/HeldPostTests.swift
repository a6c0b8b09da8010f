import Testing

@testable import Actors
@testable import Transport

@Suite("While a client is paused, its POST and repeats of that POST wait for a response", .overDirectLink)
struct HeldPostTests {
    private static let path = "/held/?EIO=4&transport=polling"

    /// Pauses a session that sends `4stop`, and closes one that sends `4close`. Any other message resumes all sessions.
    private final class Handler: EngineSessionHandler {
        private let session: EngineSession
        private let stopped: LoopState
        private let notes: Notes

        init(_ session: EngineSession, _ stopped: LoopState, _ notes: Notes) {
            self.session = session
            self.stopped = stopped
            self.notes = notes
        }

        func sessionReceived(_ messages: [ClientMessage]) {
            for case .text(let bytes) in messages {
                let text = String(decoding: bytes, as: UTF8.self)
                notes.add(text)
                switch text {
                case "4stop":
                    session.setReading(false)
                    stopped.sessions.append(session)
                case "4close":
                    session.setReading(false)
                    session.close(.forcedClose)
                default:
                    for session in stopped.sessions { session.setReading(true) }
                }
            }
        }

        func sessionEnded(_ reason: EngineCloseReason) { stopped.sessions.removeAll { $0 === session } }
        func sessionDrained() {}
    }

    /// Safety of `@unchecked Sendable`: used only on the server's loop.
    private final class LoopState: @unchecked Sendable {
        var sessions: [EngineSession] = []
    }

    private func withServer(_ test: (TestServer) async throws -> Void) async throws {
        try await TestServer.run { server in
            let stopped = LoopState()
            let notes = server.notes
            server.server.serveEngine(EngineOptions(path: "/held/")) { Handler($0, stopped, notes) }
            try await test(server)
        }
    }

    private func open(_ server: TestServer) async throws -> String {
        let opened = try await TestRequest.answer(to: "GET \(Self.path)", port: server.port)
        return "\(Self.path)&sid=\(try #require(opened.split(separator: "\"").dropFirst(3).first))"
    }

    /// Sends a POST in another task and notes the response.
    private func post(_ body: String, to target: String, _ server: TestServer, _ answers: Notes) {
        server.machine.task {
            let answer = try? await TestRequest.answer(to: "POST \(target)", body: body, port: server.port)
            answers.add(answer ?? "nothing")
        }
    }

    @Test("at most four repeats wait; one more drops the oldest POST without a response")
    func bound() async throws {
        try await withServer { server in
            let target = try await open(server) + "&t=1"
            let answers = Notes()
            let dropped = Notes()
            post("4stop", to: target, server, dropped)
            try await eventually { server.notes.all == ["4stop"] }
            for _ in 0..<4 { post("4stop", to: target, server, answers) }
            try await eventually { dropped.all == [""] }
            #expect(answers.all.isEmpty, "the others wait until the client is resumed")

            let other = try await TestRequest.answer(
                to: "POST \(try await open(server))", body: "4go", port: server.port)
            #expect(other.hasSuffix("\r\n\r\nok"))
            try await eventually { answers.all.count == 4 }
            #expect(answers.all.allSatisfy { $0.hasSuffix("\r\n\r\nok") }, "\(answers.all)")
            #expect(server.notes.all == ["4stop", "4go"], "the body was handled once")
        }
    }

    @Test("a POST gets its response even if the handler pauses and closes the session")
    func closed() async throws {
        try await withServer { server in
            let answer = try await TestRequest.answer(
                to: "POST \(try await open(server))&t=1", body: "4close", port: server.port)
            #expect(answer.hasSuffix("\r\n\r\nok"))
        }
    }
}
