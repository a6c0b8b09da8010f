import Testing
import Transport

@testable import Actors

@Suite("Other engines serve the namespaces of the server", .overDirectLink)
struct OtherEngineTests {
    @Test("a client joins a namespace under another path", arguments: [true, false])
    func otherPath(asHandler: Bool) async throws {
        try await TestServer.run { server in
            server.main.on("ping") { (socket, text: String) in try socket.emit("pong", text) }
        } test: { server in
            let options = EngineOptions(path: "/other/", maxPayload: 1000)
            if asHandler {
                let served = server.server
                served.serveEngine(options) { session in served.makeHandler(for: session) }
            } else {
                server.server.serveEngine(options)
            }
            let path = "/other/?EIO=4&transport=polling"
            let opened = try await TestRequest.answer(to: "GET \(path)", port: server.port)
            #expect(opened.contains("\"maxPayload\":1000"))
            let poll = path + "&sid=" + (try #require(opened.split(separator: "\"").dropFirst(3).first))
            _ = try await TestRequest.answer(to: "POST \(poll)", body: "40", port: server.port)
            let joined = try await TestRequest.answer(to: "GET \(poll)", port: server.port)
            #expect(joined.contains("\r\n\r\n40{\"sid\":\""))
            _ = try await TestRequest.answer(to: "POST \(poll)", body: #"42["ping","a"]"#, port: server.port)
            let answer = try await TestRequest.answer(to: "GET \(poll)", port: server.port)
            #expect(answer.hasSuffix(#"42["pong","a"]"#))
            #expect(await server.server.status.sockets == 1)
        }
    }
}
