import Cluster
import SocketTesting
import Synchronization
import Testing

@Suite("Inputs of handlers, created by unit tests")
struct CreatedInputTests {
    /// Middleware that the tests call directly.
    private func user(of handshake: Handshake) throws -> String {
        guard let token = handshake.auth?["token"]?.string else { throw ConnectError("no token") }
        return token + "@" + (handshake.request.headers["x-host"] ?? "?") + (handshake.query["room"] ?? "")
    }

    @Test("a handshake has the query, the headers and the auth that it is created with")
    func handshake() throws {
        let handshake = try Handshake(
            url: "/socket.io/?EIO=4&room=a%20b", headers: [("X-Host", "h")], address: "10.0.0.1",
            auth: ["token": "t"], issued: .seconds(5))
        #expect(try user(of: handshake) == "t@ha b")
        #expect(handshake.address == "10.0.0.1")
        #expect(handshake.issued == .seconds(5))
        #expect(!handshake.isCrossDomain && !handshake.isSecure)
        #expect(try Handshake(isSecure: true).isSecure)
        #expect(throws: ConnectError.self) { try user(of: Handshake()) }
    }

    @Test("a handshake cannot have a header or a target that ends the line", arguments: ["a\r\nb: c", "a\nb"])
    func injection(text: String) {
        #expect(throws: HTTPParserError.self) { try Handshake(headers: [("X-A", text)]) }
        #expect(throws: HTTPParserError.self) { try Handshake(url: "/" + text) }
        #expect(throws: HTTPParserError.self) { try Handshake(url: "/a\r\n\r\n") }
    }

    @Test("an event passes the first answer to the test")
    func event() {
        let answers = Mutex<[Arguments]>([])
        let event = Event(
            "sum", [.json(1), .json(2)],
            acknowledgement: Acknowledgement { answer in answers.withLock { $0.append(answer) } })
        #expect(event.name == "sum")
        #expect(event.arguments.count == 2)
        event.acknowledgement?([.json(3)])
        event.acknowledgement?([.json(4)])
        #expect(answers.withLock { $0 } == [[.json(3)]])
    }
}
