import Testing

@testable import Persistence

@Suite("Store: the author and the client offset of a row")
struct StoreAuthorTests {
    private static func request(_ offset: String?, _ content: String, by author: String?) -> MessageDraft {
        MessageDraft(
            clientOffset: offset.map { Array($0.utf8) }, content: Array(content.utf8),
            author: author.map { Array($0.utf8) })
    }

    private func names(_ store: SQLiteStore) async throws -> [[String?]] {
        try await store.allRows().map { row in
            [row.text, row.author?.text, row.clientOffset?.text]
        }
    }

    @Test("author and client offset are stored, and may be missing or empty")
    func kept() async throws {
        let directory = try StoreDirectory()
        for path in [directory.file(), SQLiteStore.memoryPath] {
            let store = try SQLiteStore(path: path, epoch: "e")
            _ = try await store.commit([
                Self.request("o-0", "a", by: "ann"), Self.request(nil, "b", by: "ben"),
                Self.request("o-1", "c", by: nil), Self.request(nil, "d", by: nil), Self.request("", "e", by: ""),
            ])
            #expect(
                try await names(store) == [
                    ["a", "ann", "o-0"], ["b", "ben", nil], ["c", nil, "o-1"], ["d", nil, nil], ["e", "", ""],
                ])
            let backwards = try await store.page(before: 2, limit: PageLimit(messages: 1, bytes: 1))
            #expect(backwards.messages.first?.author?.text == "ann")
        }
    }

    @Test("a name is stored in its own column, and may be there without an id")
    func authorNames() async throws {
        let directory = try StoreDirectory()
        let store = try directory.store()
        let authors = [
            MessageAuthor(id: [0x61], name: "Ada", isProved: true), MessageAuthor(id: [0x61], name: "Ada"),
            MessageAuthor(id: nil, name: "Ann"), MessageAuthor(id: [0x61]), nil,
        ]
        let report = try await store.commit(
            authors.map { MessageDraft(clientOffset: nil, content: [0x78], attribution: $0) })
        for outcome in report.outcomes {
            guard case .stored(let message) = outcome else {
                Issue.record("not stored")
                continue
            }
            #expect(message.attribution == authors[Int(message.id) - 1])
        }
        #expect(try await store.allRows().map(\.attribution) == authors)
        let names = try directory.foreign().prepare("SELECT author_name FROM messages ORDER BY id")
        for name in ["Ada", "~Ada", "~Ann", nil, nil] {
            #expect(try names.step())
            #expect(names.name(at: 0)?.text == name)
        }
        try directory.foreign().execute(
            "INSERT INTO messages (content, author_name) VALUES ('x', 'Bob'), ('x', printf('%.*c', 129, 'x'))")
        #expect(try await store.poll().map { $0.attribution?.name?.text } == ["Bob", nil])
    }

    @Test("a copy by another author is a repeat, and the first author is kept")
    func repeats() async throws {
        let store = try SQLiteStore(path: SQLiteStore.memoryPath, epoch: "e")
        let report = try await store.commit([
            Self.request("o", "a", by: "ann"), Self.request("o", "a", by: "ben"), Self.request("o", "a", by: nil),
        ])
        #expect(report.shortOutcomes == [.stored(id: 1), .repeated(id: 1), .repeated(id: 1)])
        #expect(try await names(store) == [["a", "ann", "o"]])
    }

    @Test("messages that share a client offset are all read with it, not with their derived keys")
    func derivedKeys() async throws {
        let directory = try StoreDirectory()
        let store = try directory.store()
        _ = try await store.commit([
            Self.request("undefined-0", "a", by: "ann"), Self.request("undefined-0", "b", by: "ben"),
        ])
        try directory.foreign().execute("UPDATE messages SET content = '[removed]'")
        _ = try await store.commit([Self.request("undefined-0", "b", by: "cat")])
        #expect(
            try await names(store) == [
                ["[removed]", "ann", "undefined-0"], ["[removed]", "ben", "undefined-0"],
                ["b", "cat", "undefined-0"],
            ])
    }

    @Test(
        "a value of another program is read as valid UTF-8 of bounded length, or as unknown",
        arguments: [
            ("'ann'", "ann"), ("NULL", nil), ("''", ""), ("17", "17"), ("x'ff61'", "\u{FFFD}a"), ("x'6100'", "a"),
            ("printf('%.*c', 1024, 'x')", String(repeating: "x", count: 1024)),
            ("printf('%.*c', 1025, 'x')", nil), ("zeroblob(100000)", ""),
        ])
    func foreign(sql: String, text: String?) async throws {
        let directory = try StoreDirectory()
        let store = try directory.store()
        try directory.foreign().execute(
            "INSERT INTO messages (client_offset, content, author) VALUES (\(sql), 'x', \(sql))")
        let row = try #require(try await store.poll().first)
        #expect(row.author?.text == text)
        #expect(row.clientOffset?.text == text)
    }
}

extension [UInt8] {
    fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
