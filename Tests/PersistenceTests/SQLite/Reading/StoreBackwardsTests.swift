import Testing

@testable import Persistence

@Suite("Store: reads history backwards")
struct StoreBackwardsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let before: Int64
        let limit: PageLimit
        let ids: [Int64]
        let reachesEnd: Bool

        init(_ description: String, _ before: Int64, rows: Int, bytes: Int, ids: [Int64], reachesEnd: Bool) {
            testDescription = description
            self.before = before
            limit = PageLimit(messages: rows, bytes: bytes)
            self.ids = ids
            self.reachesEnd = reachesEnd
        }
    }

    /// The ids in the table. Each row has 10 bytes. Clients never see the rows -1 and 0.
    static let rows = [-1, 0, 2, 3, 5, 8, 13]

    static let cases = [
        Case("everything", .max, rows: 100, bytes: 1000, ids: [2, 3, 5, 8, 13], reachesEnd: true),
        Case("before a row", 8, rows: 100, bytes: 1000, ids: [2, 3, 5], reachesEnd: true),
        Case("before a gap", 7, rows: 100, bytes: 1000, ids: [2, 3, 5], reachesEnd: true),
        Case("the row limit omits the oldest", .max, rows: 2, bytes: 1000, ids: [8, 13], reachesEnd: false),
        Case("as many rows as the limit", 5, rows: 2, bytes: 1000, ids: [2, 3], reachesEnd: true),
        Case("the byte limit omits the oldest", .max, rows: 100, bytes: 29, ids: [8, 13], reachesEnd: false),
        Case("as many bytes as the limit", 8, rows: 100, bytes: 30, ids: [2, 3, 5], reachesEnd: true),
        Case("a single row above the limit", .max, rows: 100, bytes: 1, ids: [13], reachesEnd: false),
        Case("limits of zero", .max, rows: 0, bytes: 0, ids: [13], reachesEnd: false),
        Case("before the first row", 2, rows: 100, bytes: 1000, ids: [], reachesEnd: true),
        Case("before everything", .min, rows: 100, bytes: 1000, ids: [], reachesEnd: true),
    ]

    @Test("a page holds the last rows before an id, in id order", arguments: cases)
    func pages(_ sample: Case) async throws {
        try await forEachStore { store in
            let page = try await store.page(before: sample.before, limit: sample.limit)
            #expect(page.messages.map(\.id) == sample.ids)
            #expect(page.messages.map(\.storedAt) == sample.ids.map { $0 * 1000 })
            #expect(page.reachesEnd == sample.reachesEnd)
        }
    }

    @Test(
        "the latest rows are counted correctly despite gaps between their ids",
        arguments: [
            (0, 13, 13), (1, 13, 8), (2, 13, 5), (4, 13, 2), (5, 13, 0), (6, 13, 0), (1000, 13, 0), (-1, 13, 13),
            (1, 12, 5), (0, 12, 8), (2, 5, 2), (1, 1, 0), (0, 0, 0), (3, Int64.max, 3),
        ])
    func counting(count: Int, through: Int64, start: Int64) async throws {
        try await forEachStore { store in
            let found = try await store.start(ofLatest: count, through: through)
            #expect(found == start)
        }
    }

    @Test("pages from the end to the beginning contain every row once")
    func walk() async throws {
        let directory = try StoreDirectory()
        let store = try directory.store()
        _ = try await store.commit((1...100).map { .init(nil, "\($0)") })
        var ids: [Int64] = []
        var before = Int64.max
        while true {
            let page = try await store.page(before: before, limit: PageLimit(messages: 7, bytes: 1000))
            ids = page.messages.map(\.id) + ids
            if page.reachesEnd { break }
            before = try #require(page.messages.first).id
        }
        #expect(ids == Array(1...100))
    }

    @Test("no call leaves a statement open: the log can be truncated after it")
    func nothingOpen() async throws {
        let directory = try StoreDirectory()
        let store = try directory.store()
        _ = try await store.commit((1...5).map { .init(nil, "\($0)") })
        _ = try await store.page(before: .max, limit: PageLimit(messages: 1, bytes: 1))
        _ = try await store.start(ofLatest: 1, through: .max)
        #expect(try directory.foreign().firstInteger("PRAGMA wal_checkpoint(TRUNCATE)") == 0)
    }

    @Test("a closed store throws that it is closed")
    func closed() async throws {
        try await forEachStore { store in
            await store.close()
            await #expect(throws: StoreError.closed) {
                try await store.page(before: 1, limit: PageLimit(messages: 1, bytes: 1))
            }
            await #expect(throws: StoreError.closed) { try await store.start(ofLatest: 1, through: 1) }
        }
    }

    /// Runs a test on a store in a file and on one in memory.
    private func forEachStore(_ test: (SQLiteStore) async throws -> Void) async throws {
        let directory = try StoreDirectory()
        for path in [directory.file(), SQLiteStore.memoryPath] {
            let store = try SQLiteStore(path: path, epoch: "e")
            for id in Self.rows {
                try await store.execute(
                    "INSERT INTO messages (id, content, created_at) VALUES (\(id), 'ten bytes.', \(id * 1000))")
            }
            try await test(store)
        }
    }
}
