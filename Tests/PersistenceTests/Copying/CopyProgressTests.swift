import TestSupport
import Testing

@testable import Persistence

@Suite("Copying: the progress and its digest")
struct CopyProgressTests {
    private func digest(of rows: [SourceRow]) -> [UInt8] {
        var progress = CopyProgress()
        for row in rows { progress.add(row) }
        return progress.digestText
    }

    @Test("the digest of no row is zero, and of some has 64 hexadecimal digits")
    func hexadecimal() {
        #expect(digest(of: []) == Array(repeating: UInt8(ascii: "0"), count: 64))
        let digits = digest(of: [SourceRow(1)])
        #expect(digits.count == 64 && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    }

    @Test("rows that differ anywhere have different digests, whatever their storage classes and borders are")
    func different() {
        let rows = [
            SourceRow(1), SourceRow(2), SourceRow(1, ""), SourceRow(1, "x"), SourceRow(1, .blob([])),
            SourceRow(1, "x", "ytext"), SourceRow(1, "xy"), SourceRow(1, .null, .null), SourceRow(1, .null, "5"),
            SourceRow(1, .null, .integer(5)), SourceRow(1, .null, .real(5)), SourceRow(1, .null, .blob([0x35])),
            SourceRow(1, createdAt: .integer(8)), SourceRow(1, author: "x"),
        ]
        #expect(Set(rows.map { digest(of: [$0]) }).count == rows.count)
        #expect(digest(of: [rows[0], rows[1]]) != digest(of: [rows[1], rows[0]]))
    }

    @Test("the digest of more rows follows from the digest of fewer, so a copy can continue")
    func continued() {
        let rows = (1...100).map { SourceRow($0, .null, "text \($0)") }
        var first = CopyProgress()
        for row in rows[..<40] { first.add(row) }
        for row in rows[40...] { first.add(row) }
        #expect(first.digestText == digest(of: rows))
        #expect(first.rowCount == 100 && first.lastID == 100)
    }

    @Test("a batch ends after 1000 rows or a mebibyte")
    func batches() {
        let row = { (size: Int) in
            CopiedRow(id: 1, clientOffset: nil, content: Array(repeating: 0x61, count: size), createdAt: 0, author: nil)
        }
        var many = CopyBatch(after: 0)
        while !many.isFull { many.add(row(1)) }
        #expect(many.rows.count == 1000)
        var large = CopyBatch(after: 0)
        while !large.isFull { large.add(row(100_000)) }
        #expect(large.rows.count == 11)
    }

    @Test("a batch has one array for each column")
    func columns() {
        var batch = CopyBatch(after: 7)
        batch.add(CopiedRow(id: -1, clientOffset: nil, content: Array("a\"".utf8), createdAt: 5, author: nil))
        batch.add(
            CopiedRow(
                id: 2, clientOffset: Array("x".utf8), content: nil, createdAt: 0, author: [0x62], authorName: [0x63]))
        let columns = batch.columns.map { String(decoding: $0, as: UTF8.self) }
        #expect(
            columns == [
                #"{"-1","2"}"#, #"{NULL,"x"}"#, #"{"a\"",NULL}"#, #"{"5","0"}"#, #"{NULL,"b"}"#, #"{NULL,"c"}"#,
            ])
    }
}
