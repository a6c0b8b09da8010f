import Testing

@testable import Persistence
@testable import chatd

@Suite("chatd copy: the summary")
struct CopySummaryTests {
    private func report(
        wasFinished: Bool = false, rowCount: Int64 = 10, earlier: Int64 = 0, changes: RowChanges = RowChanges()
    ) -> CopyReport {
        CopyReport(
            source: "/data/chat.db", target: "postgres://a:***@b/c", wasFinished: wasFinished, rowCount: rowCount,
            earlierRowCount: earlier, assignedID: 12, startCount: 3, changes: changes)
    }

    private func lines(_ report: CopyReport, _ duration: Duration = .milliseconds(1960)) -> [Substring] {
        CopySummary.text(report, duration: duration).split(separator: "\n")
    }

    private static let places = "from /data/chat.db to postgres://a:***@b/c"

    @Test("rows, seconds and speed")
    func ordinary() {
        #expect(
            lines(report()) == [
                "copied 10 messages \(Self.places) in 2.0 s (5 a second)",
                "ids up to 12 are assigned; recorded starts of servers: 3",
            ])
    }

    @Test("a continued copy tells what an earlier one has done, and the speed is its own")
    func continued() {
        let found = lines(report(rowCount: 1000, earlier: 800), .seconds(2))
        #expect(found[0] == "copied 1000 messages \(Self.places) in 2.0 s (100 a second)")
        #expect(found[1] == "800 of them were copied earlier")
    }

    @Test("a copy that had ended has nothing to do")
    func finished() {
        let found = lines(report(wasFinished: true, earlier: 10))
        #expect(found[0] == "nothing to do: all 10 messages were copied earlier \(Self.places)")
        #expect(found.count == 2)
    }

    @Test("each kind of change has a line, with the first twenty ids")
    func changes() {
        var changes = RowChanges()
        changes.derivedKeys = 4
        changes.add(.offsetWithSeparator, of: 7)
        for id in 1...21 { changes.add(.contentWithNUL, of: Int64(id)) }
        let ids = (1...20).map(String.init).joined(separator: ", ")
        #expect(
            lines(report(changes: changes)).dropFirst(2) == [
                "keys with a hash, which have another separator now: 4",
                "U+0000 in the text became U+FFFD: 21 (id \(ids), …)",
                "the client offset was dropped: it contains U+0001: 1 (id 7)",
            ])
    }
}
