import Testing

@testable import Transport
@testable import chatd

@Suite("Access log: one line for each request and each end of a WebSocket")
struct AccessLogTests {
    private func line(_ event: HTTPAccess.Event, address: String = "10.0.0.1", id: SessionID? = nil) -> String {
        let access = HTTPAccess(
            event: event, address: address, method: "GET", path: "/socket.io/", sentBytes: 7,
            duration: .microseconds(1500), id: id)
        return String(
            AccessLog.record(access).text(at: LogTime(seconds: 0, milliseconds: 0), process: "", suppressed: 0)
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
}
