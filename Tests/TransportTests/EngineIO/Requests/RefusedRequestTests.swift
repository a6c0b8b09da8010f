import Testing

@testable import Transport

@Suite("Reports of refused Engine.IO requests")
struct RefusedRequestTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let method: String
        let query: String
        let headers: [String]
        let error: EngineError
        let context: RefusedEngineRequest.Context

        init(
            _ method: String, _ query: String, _ error: EngineError, _ context: RefusedEngineRequest.Context,
            headers: [String] = []
        ) {
            self.method = method
            self.query = query
            self.headers = headers
            self.error = error
            self.context = context
        }

        var testDescription: String { "\(method) \(query) \(headers)" }
    }

    @Test(
        "a report has the error and its circumstances",
        arguments: [
            Row("GET", "EIO=4", .unknownTransport, .transport(nil)),
            Row("GET", "EIO=4&transport=a%0Ab%20c", .unknownTransport, .transport("a?b?c")),
            Row("GET", "EIO=4&transport=polling&sid=x", .unknownSession, .sessionID("x")),
            Row("GET", "EIO=4&transport=polling", .badRequest, .invalidOrigin, headers: ["Origin: \u{E9}"]),
            Row(
                "GET", "EIO=4&transport=polling", .forbidden, .origin("http://evil.example"),
                headers: ["Origin: http://evil.example"]),
            Row("DELETE", "EIO=4&transport=polling", .badHandshakeMethod, .method("DELETE")),
            Row("GET", "EIO=4&transport=websocket", .badRequest, .webSocketHandshake),
            Row("GET", "EIO=3&transport=polling", .unsupportedProtocolVersion, .protocolVersion("3")),
            Row("GET", "transport=polling", .unsupportedProtocolVersion, .protocolVersion(nil)),
        ])
    func contexts(row: Row) async throws {
        try await EngineFixture.run(EngineOptions()) { server in
            let answer = try await server.answer(row.method, "/socket.io/?\(row.query)", headers: row.headers)
            #expect(answer.contains("{\"code\":\(row.error.rawValue),\"message\":\"\(row.error)\"}"))
            let report = try #require(server.refused.first)
            #expect(server.refused.count == 1 && report.error == row.error && report.context == row.context)
            #expect(report.message == row.error.description && report.request.address == "127.0.0.1")
            #expect(report.request.head.query == row.query)
        }
    }

    @Test("the refusal of a request of an open session is reported too")
    func openSession() async throws {
        try await EngineFixture.run(EngineOptions()) { server in
            let target = "/socket.io/?EIO=4&sid=\(try await server.open())"
            _ = try await server.answer("GET", target + "&transport=websocket")
            _ = try await server.answer("PUT", target + "&transport=polling")
            #expect(server.refused.map(\.context) == [.transportMismatch, .unsupportedRequest])
        }
    }

    @Test("circumstances are described in words")
    func words() {
        #expect("\(RefusedEngineRequest.Context.transport(nil))" == "no transport")
        #expect("\(RefusedEngineRequest.Context.transport("smoke"))" == "transport smoke")
        #expect("\(RefusedEngineRequest.Context.protocolVersion("3"))" == "protocol version 3")
    }

    @Test("the description is one line of visible ASCII")
    func description() async throws {
        var options = EngineOptions()
        options.allowRequest { _ in throw EngineRefusal("a\r\nb\u{E9}") }
        try await EngineFixture.run(options) { server in
            _ = try await server.answer()
            let text = try #require(server.refused.first).description
            #expect(text == "refused a request from 127.0.0.1: a??b?? (code 4, hook)")
        }
    }
}
