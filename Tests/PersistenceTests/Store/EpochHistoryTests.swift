import Testing

@testable import Persistence

@Suite("Epoch history: the highest trusted row id of each epoch")
struct EpochHistoryTests {
    private static func limits(_ starts: (epoch: String, highestID: Int64?)...) -> [Int64?] {
        let history = EpochHistory(starts.map { EpochHistory.Start(epoch: $0.epoch, highestID: $0.highestID) })
        return (starts.map(\.epoch) + ["never"]).map(history.rowLimit)
    }

    @Test("an epoch's limit is the highest id assigned before the next epoch; the current epoch is unlimited")
    func next() {
        #expect(Self.limits(("a", 0), ("b", 10), ("c", 30)) == [10, 30, .max, nil])
    }

    @Test("a start without a recorded id is skipped, and a later start sets the limit")
    func unrecorded() {
        #expect(Self.limits(("a", nil), ("b", nil), ("c", 30)) == [30, 30, .max, nil])
        #expect(Self.limits(("a", nil)) == [.max, nil])
    }

    @Test("a later start with a lower id lowers the limit of every earlier epoch")
    func severalBackups() {
        #expect(Self.limits(("a", 0), ("b", 20), ("c", 5), ("d", 40)) == [5, 5, 40, .max, nil])
    }
}

@Suite("Store: records epochs with the ids assigned before them")
struct StoreEpochTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    /// Backs up a database that is in use, as a backup program would.
    private func backUp(to name: String) throws {
        try directory.foreign().execute("VACUUM INTO '\(directory.file(name))'")
    }

    private func store(_ count: Int, in store: SQLiteStore) async throws {
        _ = try await store.commit((0..<count).map { _ in MessageDraft(nil, "text") })
    }

    @Test("a restored backup knows the epochs that began before it, each limited to the ids that it contains")
    func restored() async throws {
        let first = try directory.store("epoch-1")
        try await store(10, in: first)
        await first.close()
        try backUp(to: "before.db")
        let second = try directory.store("epoch-2")
        try await store(5, in: second)
        try backUp(to: "during.db")
        try await store(5, in: second)
        await second.close()

        let before = try SQLiteStore(path: directory.file("before.db"), epoch: "epoch-3")
        #expect(["epoch-1", "epoch-2", "epoch-3"].map(before.rowLimit(ofEpoch:)) == [10, nil, .max])
        let during = try SQLiteStore(path: directory.file("during.db"), epoch: "epoch-3")
        #expect(["epoch-1", "epoch-2", "epoch-3"].map(during.rowLimit(ofEpoch:)) == [10, 15, .max])
    }

    @Test("the ids of deleted rows count as assigned")
    func deletedRows() async throws {
        let first = try directory.store("epoch-1")
        try await store(3, in: first)
        await first.close()
        try directory.foreign().execute("DELETE FROM messages")
        let second = try directory.store("epoch-2")
        #expect(second.rowLimit(ofEpoch: "epoch-1") == 3)
    }

    @Test("the next start sets the limit of epochs that were recorded without ids")
    func migrated() async throws {
        try directory.foreign().execute(
            Tutorial.create + Tutorial.insert("one", "a-0") + ";"
                + """
                CREATE TABLE chatd_epochs (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, epoch TEXT NOT NULL UNIQUE, started_at INTEGER NOT NULL);
                INSERT INTO chatd_epochs (epoch, started_at) VALUES ('old-1', 1), ('old-2', 2);
                """)
        let store = try directory.store("epoch-3")
        #expect(store.opening.epochNumber == 3)
        #expect(["old-1", "old-2", "epoch-3"].map(store.rowLimit(ofEpoch:)) == [1, 1, .max])
        try await self.store(2, in: store)
        await store.close()
        let next = try directory.store("epoch-4")
        #expect(["old-2", "epoch-3", "epoch-4"].map(next.rowLimit(ofEpoch:)) == [1, 3, .max])
    }
}
