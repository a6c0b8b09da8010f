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

    @Test(
        "a name cannot look like other columns",
        arguments: [
            ("~ada  203.0.113.7", "\"~ada  203.0.113.7\""), ("a b", "\"a b\""), ("a\u{A0}b", "\"a\u{A0}b\""),
            ("x\"  \"y", #""x\"  \"y""#), ("x\\", #""x\\""#), ("-", "\"-\""), ("", "\"\""), ("~ada", "~ada"),
            ("a\nb", #""a\nb""#), ("a\u{200B}", "\"a\u{200B}\""),
        ])
    func columns(name: String, word: String) {
        let answer = AdminAnswer(lines: [["id": "a", "user": nil, "name": JSONText(string: name), "since": 0]])
        let row = AdminTable.text(of: answer, to: .connections(limit: 5)).split(separator: "\n").last
        #expect(row?.hasPrefix("a   -     \(word)  ") == true, "\(row ?? "")")
    }

    @Test("the log says who has given a command and how it has ended, without texts")
    func log() {
        #expect(
            AdminLogLine.text(
                of: .ban(.user("a: done"), for: .seconds(1), reason: "secret"), from: 0, AdminAnswer(count: 2))
                == #"chatd admin (user 0): ban "user:a: done": done (2)"#)
        #expect(
            AdminLogLine.text(of: .announce("secret"), from: nil, AdminAnswer())
                == "chatd admin (an unknown user): announce: done")
        #expect(
            AdminLogLine.text(of: .delete([4, 2]), from: 5, AdminAnswer(.failed("disk full")))
                == "chatd admin (user 5): delete 4 2: failed: disk full")
        #expect(
            AdminLogLine.text(of: nil, from: 5, AdminAnswer(.malformed("secret")))
                == "chatd admin (user 5): a request that is not understood: malformed")
    }

    @Test("no line about a command that changes something is suppressed, and one that fails is a warning")
    func logForm() {
        for request in [.unban(.user("a")), .announce("x"), .delete([1]), .drain] as [AdminRequest] {
            let (done, failed) = (
                AdminLogLine.form(of: request, AdminAnswer()), AdminLogLine.form(of: request, AdminAnswer(.failed("x")))
            )
            #expect(done.level == .info && done.rate.burst == .max)
            #expect(failed.level == .warning && failed.rate.burst == .max)
        }
        #expect(AdminLogLine.form(of: .bans, AdminAnswer()).level == .debug)
        #expect(AdminLogLine.form(of: .bans, AdminAnswer(.failed("x"))).level == .warning)
        #expect(AdminLogLine.form(of: nil, AdminAnswer(.malformed("x"))).rate.burst < .max)
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
