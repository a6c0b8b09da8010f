import Testing

@testable import Persistence

@Suite("Store: recovers the files of a killed process")
struct StoreRecoveryTests {
    /// Cuts `missing` bytes off the log's end. The last group must then be complete or absent.
    @Test(
        "the write-ahead log is recovered up to the last complete group",
        arguments: [(0, ["a", "b", "c", "d"]), (1, ["a", "b"]), (100, ["a", "b"]), (4000, ["a", "b"])])
    func writeAheadLog(missing: Int, texts: [String]) async throws {
        let killed = try StoreDirectory()
        let first = try killed.store("epoch-1")
        _ = try await first.commit([.init("o-0", "a"), .init("o-1", "b")])
        _ = try await first.commit([.init("o-2", "c"), .init("o-3", "d")])

        let left = try StoreDirectory()
        left.write(killed.contents())
        left.write(killed.contents(of: "chat.db-wal").dropLast(missing), to: "chat.db-wal")
        let second = try left.store("epoch-2")
        #expect(try await second.allTexts() == texts)
        #expect(second.rowLimit(ofEpoch: "epoch-1") == Int64(texts.count))
        #expect(second.opening.highestRowID == Int64(texts.count))
    }

    @Test("a new connection sees committed rows while the store is open")
    func visible() async throws {
        let directory = try StoreDirectory()
        let store = try directory.store()
        _ = try await store.commit([.init(nil, "a")])
        #expect(try directory.foreign().firstInteger("SELECT count(*) FROM messages") == 1)
        #expect(try directory.foreign().firstText("PRAGMA journal_mode") == "wal")
    }
}

extension StoreDirectory {
    fileprivate func write(_ bytes: ArraySlice<UInt8>, to name: String) {
        write(Array(bytes), to: name)
    }
}
