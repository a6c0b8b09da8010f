import Testing

@testable import Transport
@testable import chatd

@Suite("Access log: one line for each request and each end of a WebSocket")
struct AccessLogTests {
    private func record(
        _ event: HTTPAccess.Event, address: String = "10.0.0.1", path: String = "/socket.io/", id: SessionID? = nil
    ) -> LogRecord {
        AccessLog.record(
            HTTPAccess(
                event: event, address: address, method: "GET", path: path, sentBytes: 7,
                duration: .microseconds(1500), id: id))
    }

    private func line(_ event: HTTPAccess.Event, address: String = "10.0.0.1", id: SessionID? = nil) -> String {
        String(
            record(event, address: address, id: id).text(
                at: LogTime(seconds: 0, milliseconds: 0), process: "", suppressed: 0
            )
            .dropFirst("1970-01-01T00:00:00Z ".count))
    }

    @Test("a line has what an operator looks for, and nothing that it does not know")
    func lines() throws {
        let id = try #require(SessionID("AAAAAAAAAAAAAAAAAAAA"))
        #expect(
            line(.request(status: 200), id: id)
                == "request address=10.0.0.1 method=GET path=/socket.io/ status=200 bytes=7 ms=1.500 "
                + "id=AAAAAAAAAAAAAAAAAAAA")
        #expect(
            line(.request(status: nil), address: "")
                == "request cut off address=unix method=GET path=/socket.io/ bytes=7 ms=1.500")
        #expect(
            line(.webSocketOpened)
                == "websocket opened address=10.0.0.1 method=GET path=/socket.io/ bytes=7 ms=1.500")
    }

    @Test("a long path hides nothing that follows it, in neither form")
    func longPath() throws {
        let id = try #require(SessionID("AAAAAAAAAAAAAAAAAAAA"))
        let path = "/" + String(repeating: "x", count: 8000)
        let record = record(.request(status: 200), path: path, id: id)
        let time = LogTime(seconds: 0, milliseconds: 0)
        for line in [
            record.text(at: time, process: "worker 0", suppressed: 7),
            record.json(at: time, process: "worker 0", pid: 1, suppressed: 7),
        ] {
            #expect(line.utf8.count < LogLine.maxBytes)
            #expect(line.contains(String(repeating: "x", count: 700)))
            #expect(line.contains("AAAAAAAAAAAAAAAAAAAA") && line.contains("200"))
        }
    }
}
