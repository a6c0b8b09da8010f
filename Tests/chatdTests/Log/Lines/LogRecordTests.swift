import Foundation
import Glibc
import Testing

@testable import chatd

@Suite("Log records: lines of text and of JSON")
struct LogRecordTests {
    private static let time = LogTime(seconds: 1_769_904_000, milliseconds: 7)

    private func object(_ record: LogRecord, process: String = "", suppressed: Int = 0) throws -> [String: String] {
        let line = record.json(at: Self.time, process: process, pid: 42, suppressed: suppressed)
        #expect(!line.contains("\n"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        return object.mapValues { "\($0)" }
    }

    @Test(
        "the beginning of a text sets the level",
        arguments: [
            ("error: a: b", .error, "a: b"), ("warning: a", .warning, "a"), ("a", .info, "a"),
            ("an error: a", .info, "an error: a"), ("error:", .info, "error:"), ("debug: a", .debug, "a"),
        ] as [(String, LogLevel, String)])
    func level(text: String, level: LogLevel, message: String) {
        let record = LogRecord(text, kind: "k")
        #expect(record.level == level && record.message == message)
    }

    @Test("a line of text has the time, the process, the level, the message and the fields")
    func text() {
        let record = LogRecord("error: a", kind: "k", fields: [.init("id", "x")])
        #expect(
            record.text(at: Self.time, process: "worker 0", suppressed: 2)
                == "2026-02-01T00:00:00Z worker 0: error: a id=x (2 more like this were suppressed)")
        #expect(LogRecord("a", kind: "k").text(at: Self.time, process: "", suppressed: 0) == "2026-02-01T00:00:00Z a")
    }

    @Test("a line of JSON has the same in members, and the time in milliseconds")
    func json() throws {
        let record = LogRecord("warning: a", kind: "k", fields: [.init("address", "::1")])
        #expect(
            try object(record, process: "worker 0", suppressed: 3) == [
                "time": "2026-02-01T00:00:00.007Z", "level": "warning", "process": "worker 0", "pid": "42", "kind": "k",
                "message": "a", "address": "::1", "suppressed": "3",
            ])
        #expect(try object(record)["process"] == "primary")
    }

    @Test(
        "no text starts another line, adds a member or sends commands to a terminal",
        arguments: [
            "a\nb", "a\r\nb", "a\",\"level\":\"error", "\\\"", "\u{1B}[2J", "\u{2028}", "\u{202E}x", "\0", "\u{7F}",
            "\u{9B}2J",
            "ä€😀", "\\u000a",
        ])
    func hostile(text: String) throws {
        let record = LogRecord("x\(text)", kind: "k", fields: [.init("id", text)])
        let parsed = try object(record)
        #expect(parsed["message"] == "x\(text)" && parsed["id"] == text)
        #expect(parsed["level"] == "info" && parsed.count == 7)
        for line in [
            record.json(at: Self.time, process: "", pid: 1, suppressed: 0),
            record.text(at: Self.time, process: "", suppressed: 0),
        ] { #expect(!line.unicodeScalars.contains(where: LogLine.isControl)) }
    }

    @Test(
        "the lines of several processes on one pipe never mix, however long their texts are",
        arguments: ["x", "\"", "\u{1}", "ä😀", "\u{2028}"])
    func long(text: String) throws {
        let text = String(repeating: text, count: 50_000)
        let fields = (0..<7).map { LogRecord.Field("field\($0)", text) }
        for record in [LogRecord(text, kind: text, fields: fields), LogRecord(text, kind: "k")] {
            _ = try object(record)
            for line in [
                record.json(at: Self.time, process: "worker 0", pid: 4_194_304, suppressed: 99_999),
                record.text(at: Self.time, process: "worker 0", suppressed: 99_999),
            ] { #expect(line.utf8.count < Int(PIPE_BUF)) }
        }
    }

    @Test("levels are ordered by importance")
    func order() {
        #expect(LogLevel.allCases.sorted() == [.error, .warning, .info, .debug])
    }
}
