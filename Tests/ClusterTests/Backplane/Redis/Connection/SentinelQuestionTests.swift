import Testing

@testable import Cluster

@Suite("The answer of a Sentinel")
struct SentinelQuestionTests {
    private func master(_ answer: RESPValue) throws -> RedisURL.Server {
        try SentinelQuestion.master(in: answer, "main").get()
    }

    private func bulk(_ text: String) -> RESPValue { .bulk(Array(text.utf8)) }

    @Test("the host and the port of the master")
    func address() throws {
        #expect(try master(.array([bulk("10.0.0.7"), bulk("6380")])) == .tcp(host: "10.0.0.7", port: 6380))
        #expect(try master(.array([bulk("::1"), bulk("65535")])) == .tcp(host: "::1", port: 65535))
    }

    @Test("an unknown name is told")
    func unknown() {
        let error = #expect(throws: SentinelError.self) { try master(.null) }
        #expect(error?.description.contains("main") == true)
    }

    @Test("everything else is no address")
    func malformed() {
        let answers: [RESPValue] = [
            .integer(1), .array([]), .array([bulk("h")]), .array([bulk(""), bulk("1")]),
            .array([bulk("h"), bulk("0")]), .array([bulk("h"), bulk("65536")]), .array([bulk("h"), bulk("x")]),
            .array([bulk("h"), bulk("1"), bulk("2")]), .array([.null, .null]),
        ]
        for answer in answers {
            #expect(throws: SentinelError.failed("the Sentinel's answer is no address")) { try master(answer) }
        }
    }
}
