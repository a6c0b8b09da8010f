import Testing

@testable import Actors
@testable import Transport

@Suite("Default output of server reports")
struct ReportOutputTests {
    struct Mistake: Error, CustomStringConvertible {
        let description: String
    }

    static let start = ContinuousClock.now

    @Test("an error from a handler is one line")
    func thrown() {
        var lines = ReportOutput.Lines()
        let report = ServerReport.handlerFailed(Mistake(description: "no such room"), namespace: "/chat")
        #expect(lines.line(for: report, at: Self.start) == "error: a handler of /chat failed: no such room")
    }

    @Test("each kind of report has at most one line in ten seconds, with the number of suppressed reports")
    func bounded() {
        var lines = ReportOutput.Lines()
        let report = ServerReport.handlerFailed(Mistake(description: "1"), namespace: "/")
        #expect(lines.line(for: report, at: Self.start) != nil)
        for _ in 0..<1000 { #expect(lines.line(for: report, at: Self.start + .seconds(9)) == nil) }
        #expect(
            lines.line(for: report, at: Self.start + .seconds(10))
                == "error: a handler of / failed: 1 (1000 more like this were suppressed)")
    }

    @Test("each kind of report has its own limit")
    func kinds() {
        var lines = ReportOutput.Lines()
        #expect(lines.line(for: .handlerFailed(Mistake(description: "1"), namespace: "/"), at: Self.start) != nil)
        #expect(
            lines.line(for: .reservedEventName("connect", namespace: "/"), at: Self.start)
                == #"error: an event "connect" was not sent in /: the name is reserved"#)
    }

    @Test("a refused Engine.IO request is one line, and does not suppress the report of an origin")
    func refusedRequest() throws {
        var parser = HTTPRequestParser(limits: HTTPLimits(maxBody: 0))
        let bytes = Array("GET / HTTP/1.1\r\nHost: here\r\n\r\n".utf8)
        let head = try #require(try parser.parse(bytes.span.bytes).request).head
        let request = EngineRequest(head: head, address: "192.0.2.1", responseHeaders: HTTPFields())
        let refused = RefusedEngineRequest(
            error: .unknownSession, message: "Session ID unknown", request: request, context: .sessionID("a?b"))
        var lines = ReportOutput.Lines()
        #expect(
            lines.line(for: .refused(.engineRefused(refused)), at: Self.start)
                == #"refused a request from 192.0.2.1: Session ID unknown (code 1, session a?b)"#)
        #expect(lines.line(for: .refused(.engineRefused(refused)), at: Self.start) == nil)
        let origin = HTTPReport.originRefused("http://a", host: nil, isLast: false)
        #expect(lines.line(for: .refused(origin), at: Self.start) != nil)
    }

    @Test("a server reports refused Engine.IO requests", .overDirectLink)
    func server() async throws {
        try await TestServer.run { server in
            let answer = try await TestRequest.answer(
                to: "GET /socket.io/?EIO=4&transport=polling&sid=x", port: server.port)
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(server.reports.all.count == 1 && server.reports.all[0].hasPrefix("refused: engineRefused("))
        }
    }

    @Test("a long error is truncated, and its line feeds become spaces")
    func oneLine() {
        var lines = ReportOutput.Lines()
        let report = ServerReport.historyFailed(Mistake(description: "a\nb" + String(repeating: "c", count: 5000)))
        let line = lines.line(for: report, at: Self.start) ?? ""
        #expect(line.hasPrefix("error: cannot read messages: a bccc"))
        #expect(line.utf8.count == ReportOutput.maxLine)
    }

    @Test("a report about a client names its socket and its address")
    func clients() throws {
        let id = try #require(SessionID("abcdefghijklmnopqrst"))
        let reports: [ServerReport] = [
            .foreignOffset(id, address: "192.0.2.1"), .tooManyRooms(limit: 3, id, address: "192.0.2.1"),
            .invalidPacket(ConnectionError.notConnected("/x"), id: id, address: "192.0.2.1"),
        ]
        for report in reports {
            #expect("\(report)".contains("\(id)") && "\(report)".contains("from 192.0.2.1"), "\(report)")
        }
        #expect("\(ServerReport.foreignOffset(id, address: ""))".contains("from a Unix domain socket"))
    }

    @Test("what a client has made up reaches a terminal without control characters")
    func controlCharacters() {
        var lines = ReportOutput.Lines()
        let name = "/\u{1B}]0;title\u{7}\u{202E}\n" + String(repeating: "x", count: 1000)
        let client = RefusedClient(reason: .namespace, tokenError: nil, namespace: name, address: "192.0.2.1")
        let errors: [ServerReport] = [
            .clientRefused(client),
            .invalidPacket(ConnectionError.notConnected(name), id: nil, address: "192.0.2.1"),
        ]
        for report in errors {
            let line = lines.line(for: report, at: Self.start) ?? ""
            #expect(line.contains("192.0.2.1"))
            #expect(!line.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E }, "\(line.debugDescription)")
        }
        #expect(client.description.count < 250)
    }
}
