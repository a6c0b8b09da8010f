import Synchronization
import TestSupport
import Testing

@testable import Persistence

@Suite("Store: deletes old messages, and still recognizes their repeats")
struct StoreRetentionTests {
    /// A wall clock that the test sets, in hours.
    final class Clock: Sendable {
        private let milliseconds = Mutex<Int64>(1_700_000_000_000)

        func advance(hours: Int64) { milliseconds.withLock { $0 += hours * 3_600_000 } }

        var options: SQLiteStore.Options {
            .with {
                $0.synchronous = .normal
                $0.wallClock = { self.milliseconds.withLock { $0 } }
            }
        }
    }

    let directory: StoreDirectory
    let clock = Clock()

    init() throws {
        directory = try StoreDirectory()
    }

    private func store(_ retention: Retention, _ epoch: String = "epoch-1") throws -> SQLiteStore {
        var options = clock.options
        options.retention = retention
        return try directory.store(epoch, options: options)
    }

    /// Calls `prune` until there is nothing to delete. Returns the number of calls that deleted messages.
    private func pruneAll(_ store: SQLiteStore) async throws -> Int {
        var steps = 0
        while try await store.prune().mayContinue { steps += 1 }
        return steps
    }

    @Test("messages of a given age are deleted, and none younger than 24 hours")
    func age() async throws {
        let store = try store(.age(.seconds(3600)))
        _ = try await store.commit([.init(nil, "a"), .init(nil, "b")])
        clock.advance(hours: 23)
        _ = try await store.commit([.init(nil, "c")])
        #expect(try await store.prune() == Pruning())
        clock.advance(hours: 2)
        #expect(try await store.prune() == Pruning(through: 2, count: 2, mayContinue: true))
        #expect(try await store.prune() == Pruning(through: 2))
        #expect(try await store.allTexts() == ["c"])
    }

    @Test("the newest messages are kept, and those of the last 24 hours")
    func count() async throws {
        let store = try store(.count(3))
        _ = try await store.commit((1...5).map { .init(nil, "\($0)") })
        #expect(try await store.prune() == Pruning())
        clock.advance(hours: 25)
        #expect(try await store.prune() == Pruning(through: 2, count: 2, mayContinue: true))
        #expect(try await pruneAll(store) == 0)
        #expect(try await store.allTexts() == ["3", "4", "5"])
    }

    @Test("a message without a time is as old as the next one with a time")
    func withoutTime() async throws {
        try directory.foreign().execute(
            Tutorial.create + Tutorial.insert("one", "a") + ";" + Tutorial.insert("two", "b"))
        let store = try store(.age(.seconds(3600)))
        #expect(try await store.prune() == Pruning())
        _ = try await store.commit([.init(nil, "three")])
        #expect(try await store.prune() == Pruning())
        clock.advance(hours: 25)
        _ = try await store.commit([.init(nil, "four")])
        #expect(try await pruneAll(store) == 1)
        #expect(try await store.allTexts() == ["four"])
    }

    @Test("a message with a time in the future is as old as the next one with a known time, and is reported")
    func future() async throws {
        let store = try store(.age(.seconds(3600)))
        _ = try await store.commit([.init(nil, "one")])
        // The clock was wrong for a while: first by days, then by less than the leeway.
        clock.advance(hours: 24 * 400)
        _ = try await store.commit([.init(nil, "two"), .init(nil, "three")])
        clock.advance(hours: -24 * 400)
        _ = try await store.commit([.init(nil, "four")])
        try directory.foreign().execute("INSERT INTO messages (content, created_at) VALUES ('five', 8640000000000000)")
        _ = try await store.poll()
        clock.advance(hours: 25)
        _ = try await store.commit([.init(nil, "six")])
        #expect(try await store.prune() == Pruning(through: 4, count: 4, mayContinue: true, futureMessage: 2))
        // The fifth waits for the sixth.
        #expect(try await store.prune() == Pruning(through: 4, futureMessage: 2))
        #expect(try await store.allTexts() == ["five", "six"])
        clock.advance(hours: 25)
        _ = try await store.commit([.init(nil, "seven")])
        #expect(try await store.prune() == Pruning(through: 6, count: 2, mayContinue: true, futureMessage: 5))
        #expect(try await store.allTexts() == ["seven"])
    }

    @Test("a step is bounded in messages and bytes")
    func steps() async throws {
        let store = try store(.count(1))
        _ = try await store.commit((1...1000).map { .init(nil, "\($0)") })
        _ = try await store.commit((1...20).map { _ in .init(nil, String(repeating: "x", count: 60_000)) })
        clock.advance(hours: 25)
        #expect(try await store.prune().count == 256)
        #expect(try await pruneAll(store) >= 6)
        #expect(try await store.allRows().map(\.id) == [1020])
    }

    @Test("a repeat of a deleted message is acknowledged with its id and not stored, also after a restart")
    func repeats() async throws {
        var store = try store(.age(.seconds(3600)))
        let drafts: [MessageDraft] = [.init("o", "a"), .init("o", "b"), .init("p", "c")]
        _ = try await store.commit(drafts)
        clock.advance(hours: 25)
        let ids = try await store.allRows().map(\.id)
        #expect(try await pruneAll(store) == 1)
        for epoch in ["epoch-2", "epoch-3"] {
            #expect(try await store.commit(drafts).shortOutcomes == ids.map { .repeated(id: $0) })
            #expect(try await store.allRows().isEmpty)
            await store.close()
            // Without retention too.
            store = try directory.store(epoch, options: clock.options)
        }
        let other = try await store.commit([.init("o", "d")]).outcomes
        guard case .stored? = other.first else {
            Issue.record("a new text under a deleted offset is a new message")
            return
        }
        #expect(try await store.allTexts() == ["d"])
    }

    @Test("after 30 days a tombstone is removed, and the second key of another message is still found")
    func tombstonesEnd() async throws {
        let store = try store(.count(1))
        _ = try await store.commit([.init("o", "a")])
        clock.advance(hours: 25)
        // Under the second key, because the first one is taken.
        _ = try await store.commit([.init("o", "b")])
        #expect(try await pruneAll(store) == 1)
        clock.advance(hours: 31 * 24)
        _ = try await store.prune()
        #expect(try directory.foreign().firstInteger("SELECT count(*) FROM chatd_deleted") == 0)
        #expect(try await store.commit([.init("o", "b")]).shortOutcomes.first != nil)
        #expect(try await store.allTexts() == ["b"])
    }

    @Test("without retention too, tombstones of single deleted messages are removed after 30 days, in small steps")
    func tombstonesEndWithoutRetention() async throws {
        var store = try directory.store(options: clock.options)
        let drafts = (1...400).map { MessageDraft("offset \($0)", "a") }
        _ = try await store.commit(drafts)
        for ids in [Array(1...300), Array(301...399)] {
            #expect(try await store.delete(ids.map(Int64.init))?.deleted.count == ids.count)
            clock.advance(hours: 24)
        }
        func tombstones() throws -> Int64 {
            try directory.foreign().firstInteger("SELECT count(*) FROM chatd_deleted")
        }
        clock.advance(hours: 28 * 24)
        #expect(store.needsPruning)
        #expect(try await store.prune() == Pruning())
        #expect(try tombstones() == 399)
        #expect(try await store.commit([drafts[0]]).shortOutcomes == [.repeated(id: 1)])
        // A start must look for them too.
        await store.close()
        store = try directory.store("epoch-2", options: clock.options)
        clock.advance(hours: 1)
        for count in [399 - 256, 99, 99] {
            #expect(try await store.prune() == Pruning())
            #expect(try tombstones() == count)
        }
        clock.advance(hours: 24)
        _ = try await store.prune()
        #expect(try tombstones() == 0)
        // Messages are not deleted.
        #expect(try await store.allRows().map(\.id) == [400])
        #expect(try await store.commit([drafts[399]]).shortOutcomes == [.repeated(id: 400)])
    }

    @Test("ids of deleted messages are not assigned again")
    func ids() async throws {
        let store = try store(.age(.seconds(3600)))
        _ = try await store.commit([.init(nil, "a"), .init(nil, "b")])
        clock.advance(hours: 25)
        #expect(try await pruneAll(store) == 1)
        await store.close()
        let again = try self.store(.age(.seconds(3600)), "epoch-2")
        #expect(again.opening == StoreOpening(highestRowID: 0, highestAssignedID: 2, epochNumber: 2))
        #expect(try await again.prune().through == 2)
        #expect(try await again.commit([.init(nil, "c")]).shortOutcomes == [.stored(id: 3)])
    }

    @Test("rows of another program that were not reported yet are kept")
    func foreign() async throws {
        let store = try store(.age(.seconds(3600)))
        _ = try await store.commit([.init(nil, "a")])
        try directory.foreign().execute("INSERT INTO messages (content, created_at) VALUES ('foreign', 5)")
        clock.advance(hours: 25)
        #expect(try await pruneAll(store) == 1)
        #expect(try await store.poll().map(\.text) == ["foreign"])
        #expect(try await pruneAll(store) == 1)
        #expect(try await store.allRows().isEmpty)
    }

    @Test("a failed deletion deletes nothing, and the next one tells what is deleted", arguments: [true, false])
    func failure(commits: Bool) async throws {
        let store = try store(.age(.seconds(3600)))
        _ = try await store.commit([.init("o", "a")])
        clock.advance(hours: 25)
        await store.replaceCommit { connection in
            if commits { _ = connection.commit() }
            return 10
        }
        await #expect(throws: StoreError.self) { try await store.prune() }
        await store.replaceCommit { $0.commit() }
        #expect(try await store.allRows().isEmpty == commits)
        #expect(try await store.commit([.init("o", "a")]).shortOutcomes == [.repeated(id: 1)])
        #expect(try await store.prune().through == 1)
        #expect(try await store.allRows().isEmpty)
    }

    @Test("no message is ever stored twice or acknowledged with another id", arguments: 0..<12)
    func model(seed: Int) async throws {
        var random = SplitMix64(seed: UInt64(seed))
        var store = try store(Bool.random(using: &random) ? .count(5) : .age(.seconds(3600)))
        var ids: [StoreModelTests.Name: Int64] = [:]
        var lastSeen: [StoreModelTests.Name: Int] = [:]
        for step in 0..<150 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let names = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                    StoreModelTests.Name(
                        offset: "o-\(Int.random(in: 0..<6, using: &random))",
                        content: "c-\(Int.random(in: 0..<4, using: &random))")
                }
                let report = try await store.commit(names.map { .init($0.offset, $0.content) })
                for (name, outcome) in zip(names, report.outcomes) {
                    switch outcome {
                    case .stored(let message):
                        #expect(ids[name] == nil, "\(name) was stored again in step \(step)")
                        ids[name] = message.id
                    case .repeated(let id): #expect(ids[name] == id)
                    case .refused(let error): Issue.record(error)
                    }
                    lastSeen[name] = step
                }
            case 6: _ = try await store.prune()
            case 7:
                guard let id = ids.values.sorted().randomElement(using: &random) else { continue }
                _ = try await store.delete([id])
                #expect(try await !store.allRows().map(\.id).contains(id))
            // Together less than the 30 days of a tombstone.
            case 8: clock.advance(hours: 10)
            default:
                await store.close()
                store = try self.store(.count(5), "start \(step)")
            }
        }
        let rows = try await store.allRows()
        #expect(Set(rows.map(\.id)).isSubset(of: Set(ids.values)))
        await store.close()
    }
}
