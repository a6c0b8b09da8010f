import TestSupport
import Testing

@testable import Persistence

@Suite("Copying: rows")
struct RowCopierTests {
    @Test("an ordinary row stays as it is")
    func ordinary() throws {
        var copier = RowCopier()
        let row = SourceRow(3, "x-1", "hé", createdAt: .integer(1_700_000_000_000), author: "anna", name: "~Anna")
        let expected = CopiedRow(
            id: 3, clientOffset: Array("x-1".utf8), content: Array("hé".utf8), createdAt: 1_700_000_000_000,
            author: Array("anna".utf8), authorName: Array("~Anna".utf8))
        #expect(try copier.copyAll([row]) == [expected])
        #expect(copier.changes == RowChanges())
        #expect(copier.progress.rowCount == 1 && copier.progress.lastID == 3)
    }

    @Test(
        "contents become valid UTF-8 without U+0000, and NULL stays NULL",
        arguments: [
            ("a\0b", "a\u{FFFD}b", [.contentWithNUL]), (.text([0x61, 0xFF]), "a\u{FFFD}", [.contentNotUTF8]),
            (.blob([0x61]), "a", []), (.blob([0xFF, 0]), "\u{FFFD}\u{FFFD}", [.contentWithNUL, .contentNotUTF8]),
            ("", "", []), (.blob([]), "", []), (.null, nil, []), (.integer(5), "5", []),
        ] as [(SourceValue, String?, [RowChange])])
    func contents(content: SourceValue, expected: String?, changes: [RowChange]) throws {
        var copier = RowCopier()
        let copied = try copier.copyAll([SourceRow(1, .null, content)])[0]
        #expect(copied.content == expected.map { Array($0.utf8) })
        #expect(RowChange.allCases.filter { copier.changes[$0].firstIDs == [1] } == changes)
    }

    @Test(
        "an author is what clients have seen of it, and a time is a whole number",
        arguments: [
            (.integer(-5), "anna\0b", -5, "anna", [.author]), (.null, .text([0x61, 0xFF]), 0, "a\u{FFFD}", [.author]),
            (.real(1700.9), .null, 1700, nil, [.createdAt]), (.real(.infinity), "", 0, "", [.createdAt]),
            (.real(-1), "", 0, "", [.createdAt]), ("now", "", 0, "", [.createdAt]),
            (.blob([1]), .blob([0x61]), 0, "a", [.createdAt]), (.integer(.max), .null, .max, nil, []),
        ] as [(SourceValue, SourceValue, Int64, String?, [RowChange])])
    func others(
        time: SourceValue, author: SourceValue, expectedTime: Int64, expectedAuthor: String?, changes: [RowChange]
    ) throws {
        var copier = RowCopier()
        let copied = try copier.copyAll([SourceRow(1, createdAt: time, author: author)])[0]
        #expect(copied.createdAt == expectedTime)
        #expect(copied.author == expectedAuthor.map { Array($0.utf8) })
        #expect(RowChange.allCases.filter { copier.changes[$0].count > 0 } == changes)
    }

    @Test("a row whose offset cannot be kept keeps its text")
    func droppedOffset() throws {
        var copier = RowCopier()
        let copied = try copier.copyAll([SourceRow(1, "a\u{1}b"), SourceRow(2, .blob([0x61]))])
        #expect(copied.map(\.clientOffset) == [nil, nil])
        #expect(copied.map(\.content) == [Array("text".utf8), Array("text".utf8)])
        #expect(copier.changes[.offsetWithSeparator].firstIDs == [1])
        #expect(copier.changes[.offsetNotText].firstIDs == [2])
    }

    @Test("a hash of a content that changes is computed anew, and the hash of another content stays")
    func hashes() throws {
        let old = hash("a\0")
        var copier = RowCopier()
        let copied = try copier.copyAll([
            SourceRow(1, "o\0\(old)", "a\0"), SourceRow(2, "o\0\(hash("b"))", "b\0"),
            SourceRow(3, "p\0\(old)\0\(old)", "a\0"),
        ])
        let new = hash("a\u{FFFD}")
        let keys = copied.map { String(decoding: $0.clientOffset ?? [], as: UTF8.self) }
        #expect(keys == ["o\u{1}\(new)", "o\u{1}\(hash("b"))", "p\u{1}\(new)\u{1}\(new)"])
        #expect(copier.changes.derivedKeys == 3)
    }

    @Test("of two messages of one offset whose texts become equal, one keeps the key", arguments: [false, true])
    func equalTexts(plainFirst: Bool) throws {
        let contents = plainFirst ? ["a\u{FFFD}", "a\0"] : ["a\0", "a\u{FFFD}"]
        let rows = contents.enumerated().map { index, content in
            SourceRow(Int64(index), "o\0\(hash(content))", "\(content)")
        }
        var copier = RowCopier()
        let copied = try copier.copyAll(rows)
        #expect(copied.map { $0.clientOffset == nil } == [!plainFirst, plainFirst])
        #expect(copier.changes[.offsetNotUnique].firstIDs == [plainFirst ? 1 : 0])
    }

    @Test("the first twenty ids of each change are listed, and all are counted")
    func listed() throws {
        var copier = RowCopier()
        _ = try copier.copyAll((1...50).map { SourceRow($0, .null, $0 % 2 == 0 ? "a\0" : "b") })
        #expect(copier.changes[.contentWithNUL].count == 25)
        #expect(copier.changes[.contentWithNUL].firstIDs == (1...20).map { 2 * $0 })
    }

    @Test("after a copy, the store in PostgreSQL recognizes every message that the one in SQLite had stored")
    func repeats() throws {
        var random = SplitMix64(seed: 5)
        let texts = ["a", "a\0", "a\u{FFFD}", "\0\u{FFFD}", "\u{FFFD}\0", "\u{FFFD}\u{FFFD}", ""]
        for _ in 0..<300 {
            var model = KeyModel()
            var sent: [(offset: String, text: String)] = []
            for id in 1...Int64.random(in: 1...20, using: &random) {
                let offset = ["x", "y", ""][Int.random(in: 0...2, using: &random)]
                sent.append((offset, texts[Int.random(in: texts.indices, using: &random)]))
                model.store(offset, sent[sent.count - 1].text, id: id)
            }
            var copier = RowCopier()
            let copied = try copier.copyAll(model.rows)
            let keys = copied.compactMap(\.clientOffset)
            #expect(Set(keys).count == keys.count)
            #expect(copied.map(\.id) == model.rows.map(\.id))
            let byKey = Dictionary(uniqueKeysWithValues: copied.map { ($0.clientOffset ?? [0, UInt8($0.id)], $0) })
            for (offset, text) in sent {
                // The chat replaces U+0000 before it stores a text.
                #expect(KeyModel.recognizes(offset, text.replacing("\0", with: "\u{FFFD}"), in: byKey))
            }
        }
    }
}

/// The keys that the stores use; see `SQLiteWriter` and `storing.sql`.
private struct KeyModel {
    private(set) var rows: [SourceRow] = []

    mutating func store(_ offset: String, _ text: String, id: Int64) {
        var key = Array(offset.utf8)
        while let taken = rows.first(where: { $0.clientOffset == .text(key) }) {
            if taken.content == "\(text)" { return }
            key += [0] + SHA256.hexadecimal(Array(text.utf8))
        }
        rows.append(SourceRow(id, .text(key), "\(text)"))
    }

    /// True if the store in PostgreSQL acknowledges the message as a repeat.
    static func recognizes(_ offset: String, _ text: String, in rows: [[UInt8]: CopiedRow]) -> Bool {
        var key = Array(offset.utf8)
        while let row = rows[key] {
            if row.content == Array(text.utf8) { return true }
            key += [1] + SHA256.hexadecimal(Array(text.utf8))
        }
        return false
    }

    @Test("if messages were deleted, a message gets the first key that nothing else has")
    func shortened() throws {
        let (second, third) = ("o\0\(hash("b"))", "o\0\(hash("c"))")
        let rows = [SourceRow(2, .text(Array(second.utf8)), "b"), SourceRow(3, .text(Array(third.utf8)), "c")]
        var copier = RowCopier()
        let derived = ["o\u{1}\(hash("b"))", "o\u{1}\(hash("c"))"].map { Array($0.utf8) }
        #expect(try copier.copyAll(rows).map(\.clientOffset) == derived)
        copier = RowCopier(hasDeleted: true)
        #expect(try copier.copyAll(rows).map(\.clientOffset) == [Array("o".utf8), derived[1]])
        copier = RowCopier(hasDeleted: true)
        let isTaken = { (key: [UInt8]) in key == Array("o".utf8) }
        #expect(try rows.map { try copier.copy($0, isKeyInSource: isTaken).clientOffset } == derived)
    }

    @Test("what is left of a deleted message keeps its key, or gets the first free one too")
    func tombstones() throws {
        func tombstone(_ key: String) -> SourceTombstone {
            SourceTombstone(key: Array(key.utf8), contentHash: Array(hash("b").utf8), id: 2, deletedAt: 9)
        }
        func copied(_ key: String) -> CopiedTombstone {
            CopiedTombstone(clientOffset: Array(key.utf8), contentHash: Array(hash("b").utf8), id: 2, deletedAt: 9)
        }
        var copier = RowCopier(hasDeleted: true)
        let second = "o\0\(hash("b"))"
        #expect(try copier.copy(tombstone("o"), isKeyInSource: { _ in true }) == copied("o"))
        #expect(
            try copier.copy(tombstone(second), isKeyInSource: { _ in true }) == copied("o\u{1}\(hash("b"))"))
        #expect(try copier.copy(tombstone(second), isKeyInSource: { _ in false }) == copied("o"))
        #expect(try copier.copy(tombstone("o\u{1}"), isKeyInSource: { _ in false }) == nil)
    }
}
