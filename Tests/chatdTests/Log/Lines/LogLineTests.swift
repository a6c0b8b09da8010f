import Testing

@testable import chatd

@Suite("Log line: any text becomes one line")
struct LogLineTests {
    @Test(
        "line breaks and terminal commands are escaped",
        arguments: [
            ("plain, “quoted” and ünïcode ✓", "plain, “quoted” and ünïcode ✓"),
            ("a\nforged", #"a\nforged"#),
            ("\u{1B}[2J", #"\u{1B}[2J"#),
            ("a\r\u{7F}\u{9B}", #"a\r\u{7F}\u{009B}"#),
            ("a\u{202E}b\u{2028}", #"a\u{202E}b\u{2028}"#),
            ("", ""),
        ])
    func printable(text: String, line: String) {
        #expect(LogLine.printable(text) == line)
    }

    @Test("a line that is too long is truncated, also within a character")
    func cut() {
        let line = LogLine.printable("x" + String(repeating: "é", count: LogLine.maxBytes))
        #expect(line.utf8.count <= LogLine.maxBytes + 6 && line.hasSuffix("…"))
        let whole = String(repeating: "x", count: LogLine.maxBytes)
        #expect(LogLine.printable(whole) == whole)
    }

    @Test(
        "the time is in UTC",
        arguments: [(0, "1970-01-01T00:00:00Z"), (1_769_904_005, "2026-02-01T00:00:05Z")])
    func timestamp(seconds: Int, text: String) {
        #expect(LogLine.timestamp(seconds) == text)
    }
}
