import Testing

@testable import Persistence

@Suite("Store: deletes single messages, and still recognizes their repeats")
struct StoreDeletionTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    @Test("the named messages are deleted; ids without a message are told")
    func deletes() async throws {
        let store = try directory.store("epoch-1")
        _ = try await store.commit([.init(nil, "a"), .init("o", "b"), .init(nil, "c")])
        #expect(try await store.delete([2, 9, 1, 2, 0, .max]) == Deletion(deleted: [1, 2], absent: [0, 9, .max]))
        #expect(try await store.delete([1, 3]) == Deletion(deleted: [3], absent: [1]))
        #expect(try await store.allTexts().isEmpty)
        #expect(try await store.delete([]) == Deletion())
    }

    @Test("a repeat is acknowledged with the id and not stored, also after a restart")
    func repeats() async throws {
        var store = try directory.store("epoch-1")
        let drafts: [MessageDraft] = [.init("o", "a"), .init("o", "b"), .init("p", "c")]
        _ = try await store.commit(drafts)
        let ids = try await store.allRows().map(\.id)
        #expect(try await store.delete(Array(ids[...1])) == Deletion(deleted: Array(ids[...1])))
        for epoch in ["epoch-2", "epoch-3"] {
            #expect(try await store.commit(drafts).shortOutcomes == ids.map { .repeated(id: $0) })
            #expect(try await store.allTexts() == ["c"])
            await store.close()
            store = try directory.store(epoch)
        }
    }

    @Test("the id of the newest message is not assigned again, also after a restart")
    func ids() async throws {
        let store = try directory.store("epoch-1")
        _ = try await store.commit([.init(nil, "a"), .init(nil, "b")])
        _ = try await store.delete([2])
        await store.close()
        let again = try directory.store("epoch-2")
        #expect(try await again.commit([.init(nil, "c")]).shortOutcomes == [.stored(id: 3)])
    }

    @Test("a row of another program that was not reported yet is kept")
    func foreign() async throws {
        let store = try directory.store("epoch-1")
        _ = try await store.commit([.init(nil, "a")])
        try directory.foreign().execute("INSERT INTO messages (content) VALUES ('foreign')")
        #expect(try await store.delete([2]) == Deletion(absent: [2]))
        #expect(try await store.poll().map(\.text) == ["foreign"])
        #expect(try await store.delete([2]) == Deletion(deleted: [2]))
    }

    @Test("after a failed deletion, the next one tells what is deleted", arguments: [true, false])
    func failure(commits: Bool) async throws {
        let store = try directory.store("epoch-1")
        _ = try await store.commit([.init("o", "a")])
        await store.replaceCommit { connection in
            if commits { _ = connection.commit() }
            return 10
        }
        await #expect(throws: StoreError.self) { try await store.delete([1]) }
        await store.replaceCommit { $0.commit() }
        #expect(try await store.commit([.init("o", "a")]).shortOutcomes == [.repeated(id: 1)])
        #expect(
            try await store.delete([1]) == (commits ? Deletion(absent: [1]) : Deletion(deleted: [1])))
        #expect(try await store.allRows().isEmpty)
    }

    @Test("retention goes on after a deletion, and a deletion after retention")
    func withRetention() async throws {
        let clock = StoreRetentionTests.Clock()
        var options = clock.options
        options.retention = .count(1)
        let store = try directory.store("epoch-1", options: options)
        _ = try await store.commit((1...4).map { .init("\($0)", "text") })
        #expect(try await store.delete([2, 4]) == Deletion(deleted: [2, 4]))
        clock.advance(hours: 25)
        #expect(try await store.prune() == Pruning(through: 1, count: 1, mayContinue: true))
        #expect(try await store.delete([3, 1]) == Deletion(deleted: [3], absent: [1]))
        #expect(
            try await store.commit((1...4).map { .init("\($0)", "text") }).shortOutcomes
                == (1...4).map { .repeated(id: $0) })
    }

    @Test("a closed store deletes nothing")
    func closed() async throws {
        let store = try directory.store("epoch-1")
        await store.close()
        await #expect(throws: StoreError.closed) { try await store.delete([1]) }
    }
}
