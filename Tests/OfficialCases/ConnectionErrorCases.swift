import Cluster
import SocketTesting
import Testing

@Suite("Refused connections (connection_error)")
struct ConnectionErrorCases {
    private struct Request: CustomTestStringConvertible {
        var testDescription: String
        var target: String
        var method = "GET"
        var status = 400
        let text: String
        let code: Int
    }

    private static let requests = [
        Request(
            testDescription: "an unknown transport", target: "?EIO=4&transport=foo",
            text: #"{"code":0,"message":"Transport unknown"}"#, code: 0),
        Request(
            testDescription: "no transport", target: "?EIO=4", text: #"{"code":0,"message":"Transport unknown"}"#,
            code: 0),
        Request(
            testDescription: "an unknown session", target: "?EIO=4&transport=polling&sid=abc",
            text: #"{"code":1,"message":"Session ID unknown"}"#, code: 1),
        Request(
            testDescription: "a wrong method", target: "?EIO=4&transport=polling", method: "PUT", status: 400,
            text: #"{"code":2,"message":"Bad handshake method"}"#, code: 2),
        Request(
            testDescription: "a WebSocket without a handshake", target: "?EIO=4&transport=websocket",
            text: #"{"code":3,"message":"Bad request"}"#, code: 3),
        Request(
            testDescription: "an older protocol", target: "?EIO=3&transport=polling",
            text: #"{"code":5,"message":"Unsupported protocol version"}"#, code: 5),
        Request(
            testDescription: "no protocol", target: "?transport=polling",
            text: #"{"code":5,"message":"Unsupported protocol version"}"#, code: 5),
    ]

    @Test("a refused request gets a code and is reported", arguments: Deployment.allCases, requests)
    private func refused(_ deployment: Deployment, _ request: Request) async throws {
        try await CaseServer.run(deployment) { server in
            let response = try await server.test.request(
                "/socket.io/" + request.target, method: request.method)
            #expect(response.status == request.status)
            #expect(response.text == request.text)
            #expect(server.notes.all.count == 1)
            #expect(server.notes.all.first?.hasPrefix("report: refused \(request.code) ") == true)
        }
    }

    @Test("a refusal of allowRequest is reported", arguments: Deployment.allCases)
    func hook(_ deployment: Deployment) async throws {
        var options = ServerOptions()
        options.engine.allowRequest { (_: inout EngineRequest) in throw EngineRefusal("Thou shall not pass") }
        try await CaseServer.run(deployment, options) { server in
            let error = await #expect(throws: TestError.self) { try await server.connect() }
            guard case .refused(let response) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(response.status == 403)
            #expect(response.text == #"{"code":4,"message":"Thou shall not pass"}"#)
            #expect(server.notes.all == ["report: refused 4 hook"])
        }
    }

    @Test("middleware of the engine can answer a request", arguments: Deployment.allCases)
    func middleware(_ deployment: Deployment) async throws {
        var options = ServerOptions()
        options.engine.use { (request: inout EngineRequest) in
            try request.responseHeaders.set("X-Middleware", "1")
            if request.head.queryParameters["secret"] == nil {
                throw EngineRefusal(response: .text(.forbidden, "who are you"))
            }
        }
        try await CaseServer.run(deployment, options) { server in
            let response = try await server.test.request("/socket.io/?EIO=4&transport=polling")
            #expect(response.status == 403)
            #expect(response.header("X-Middleware") == "1")
            let client = try await server.client(query: [("secret", "1")]).connect()
            #expect(client.isConnected)
        }
    }
}
