import Actors
import Testing
import Transport

@testable import chatd

@Suite("Operator's commands: answers and their plain form")
struct AdminAnswerTests {
    @Test(
        "the client reads what the server answers",
        arguments: [
            AdminAnswer(), AdminAnswer(lines: [["id": "a"], ["id": "b"]], count: 2, note: "more"),
            AdminAnswer(.malformed("why")), AdminAnswer(.refused("why")), AdminAnswer(.failed("why")),
        ])
    func roundTrip(answer: AdminAnswer) {
        let response = answer.response
        #expect(AdminAnswer(status: response.status.code, body: response.body) == answer)
    }

    @Test(
        "an answer without its last line is not understood", arguments: ["", "{\"id\":1}\n", "nonsense", "{\"end\":5}"])
    func incomplete(text: String) {
        #expect(AdminAnswer(status: 200, body: Array(text.utf8)) == nil)
    }

    @Test("what a client has chosen cannot control the terminal")
    func terminal() {
        let answer = AdminAnswer(lines: [["id": "a", "name": "\u{1B}[2J\u{202E}x\ny", "since": 0]])
        let text = AdminTable.text(of: answer, to: .connections(limit: 5))
        #expect(text.split(separator: "\n").count == 2)
        #expect(!text.unicodeScalars.contains("\u{1B}") && !text.unicodeScalars.contains("\u{202E}"))
        #expect(text.contains("1970-01-01T00:00:00.000Z"))
    }

    @Test("nobody found is an exit code of its own")
    func exitCodes() {
        #expect(AdminCommand.exitCode(of: AdminAnswer(count: 0), to: .disconnect(.user("a"), reason: "x")) == 1)
        #expect(
            AdminCommand.exitCode(of: AdminAnswer(count: 0), to: .ban(.user("a"), for: .seconds(1), reason: nil)) == 0)
        #expect(AdminCommand.exitCode(of: AdminAnswer(count: 0), to: .delete([1])) == 1)
        #expect(AdminCommand.exitCode(of: AdminAnswer(count: 1), to: .delete([1, 2])) == 0)
        #expect(AdminCommand.exitCode(of: AdminAnswer(.malformed("x")), to: .bans) == 64)
        #expect(AdminCommand.exitCode(of: AdminAnswer(.failed("x")), to: .bans) == 69)
        #expect(AdminCommand.exitCode(of: AdminAnswer(.refused("x")), to: .bans) == 77)
    }

    @Test(
        "a time has a unit",
        arguments: [
            ("90s", 90), ("15m", 900), ("1h", 3600), ("7d", 604_800), ("", nil), ("5", nil), ("s", nil), ("0s", nil),
            ("-1s", nil), ("1.5h", nil), ("1w", nil), ("9999999999d", nil), ("99999999999999999999s", nil),
        ] as [(String, Int?)])
    func durations(text: String, seconds: Int?) {
        #expect(WrittenDuration.parse(text) == seconds.map { .seconds($0) })
    }
}
