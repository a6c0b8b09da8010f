import Testing

@testable import Persistence

@Suite("Store: reads pages of history")
struct StorePageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let after: Int64
        let through: Int64
        let limit: PageLimit
        let ids: [Int64]
        let reachesEnd: Bool
    }

    /// The table has the ids 1…5. Each row has 10 bytes.
    static let cases = [
        Case("everything", 0, .max, rows: 100, bytes: 1000, ids: [1, 2, 3, 4, 5], reachesEnd: true),
        Case("from the middle", 2, .max, rows: 100, bytes: 1000, ids: [3, 4, 5], reachesEnd: true),
        Case("up to the middle", 0, 3, rows: 100, bytes: 1000, ids: [1, 2, 3], reachesEnd: true),
        Case("an inner interval", 1, 4, rows: 100, bytes: 1000, ids: [2, 3, 4], reachesEnd: true),
        Case("the row limit omits the rest", 0, .max, rows: 2, bytes: 1000, ids: [1, 2], reachesEnd: false),
        Case("as many rows as the limit", 3, .max, rows: 2, bytes: 1000, ids: [4, 5], reachesEnd: true),
        Case("the byte limit omits the rest", 0, .max, rows: 100, bytes: 29, ids: [1, 2], reachesEnd: false),
        Case("as many bytes as the limit", 2, .max, rows: 100, bytes: 30, ids: [3, 4, 5], reachesEnd: true),
        Case("a first row above the limit", 0, .max, rows: 100, bytes: 1, ids: [1], reachesEnd: false),
        Case("limits of zero", 0, .max, rows: 0, bytes: 0, ids: [1], reachesEnd: false),
        Case("negative limits", 0, .max, rows: -1, bytes: -1, ids: [1], reachesEnd: false),
        Case("after the last row", 5, .max, rows: 100, bytes: 1000, ids: [], reachesEnd: true),
        Case("an empty interval", 3, 3, rows: 100, bytes: 1000, ids: [], reachesEnd: true),
        Case("a reversed interval", 4, 2, rows: 100, bytes: 1000, ids: [], reachesEnd: true),
        Case("the widest interval", .min, .max, rows: .max, bytes: .max, ids: [1, 2, 3, 4, 5], reachesEnd: true),
        Case("after the highest possible id", .max, .max, rows: 100, bytes: 1000, ids: [], reachesEnd: true),
    ]

    @Test("a page has the rows that the interval and the limit allow", arguments: cases)
    func pages(_ sample: Case) async throws {
        let directory = try StoreDirectory()
        for path in [directory.file(), SQLiteStore.memoryPath] {
            let store = try SQLiteStore(path: path, epoch: "e")
            _ = try await store.commit((1...5).map { .init(nil, "message 0\($0)") })
            let page = try await store.page(after: sample.after, through: sample.through, limit: sample.limit)
            #expect(page.messages.map(\.id) == sample.ids)
            #expect(page.reachesEnd == sample.reachesEnd)
        }
    }

    @Test("a page leaves no statement open: the log can be truncated after it")
    func nothingOpen() async throws {
        let directory = try StoreDirectory()
        let store = try directory.store()
        _ = try await store.commit((1...5).map { .init(nil, "\($0)") })
        _ = try await store.page(after: 0, through: .max, limit: PageLimit(messages: 1, bytes: 1))
        // The first column is 1 if a reader kept the checkpoint from completing.
        #expect(try directory.foreign().firstInteger("PRAGMA wal_checkpoint(TRUNCATE)") == 0)
    }

    @Test("a page that is read during a commit has every row committed before")
    func besideTheWriter() async throws {
        let directory = try StoreDirectory()
        let store = try directory.store()
        for round in 1...50 {
            async let page = store.page(
                after: 0, through: Int64(round - 1), limit: PageLimit(messages: .max, bytes: .max))
            async let report = store.commit([.init(nil, "\(round)")])
            #expect(try await page.messages.count == round - 1)
            #expect(try await report.shortOutcomes == [.stored(id: Int64(round))])
        }
    }
}

extension StorePageTests.Case {
    init(
        _ description: String, _ after: Int64, _ through: Int64, rows: Int, bytes: Int, ids: [Int64], reachesEnd: Bool
    ) {
        self.init(
            testDescription: description, after: after, through: through,
            limit: PageLimit(messages: rows, bytes: bytes),
            ids: ids, reachesEnd: reachesEnd)
    }
}
