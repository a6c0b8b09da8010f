import CSQLite
import Synchronization
import TestSupport
import Testing

@testable import Persistence

@Suite("Store: a database of a limited size")
struct StoreSizeLimitTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    private func text(_ number: Int) -> String { "\(number) " + String(repeating: "x", count: 10_000) }

    @Test("new messages are refused, repeats are acknowledged, and nothing is deleted")
    func full() async throws {
        let store = try directory.store(options: .with { $0.maxSize = 1 << 20 })
        var stored = 0
        var refusal: StoreError?
        while refusal == nil, stored < 200 {
            let report = try await store.commit([.init("o-\(stored)", text(stored))])
            switch report.outcomes.first {
            case .stored?: stored += 1
            case .refused(let error)?: refusal = error
            default: Issue.record("\(report)")
            }
        }
        #expect(refusal == .sizeLimit(path: directory.file(), bytes: 1 << 20))
        #expect((50..<105).contains(stored))
        let group: [MessageDraft] = [.init("o-0", text(0)), .init("new", text(999)), .init("o-1", text(1))]
        let outcomes = try await store.commit(group).outcomes
        #expect(outcomes.first == .repeated(id: 1) && outcomes.last == .repeated(id: 2))
        #expect(outcomes.dropFirst().first == .refused(.sizeLimit(path: directory.file(), bytes: 1 << 20)))
        #expect(try await store.allRows().count == stored)
        #expect(directory.contents().count <= 1 << 20)
        await store.close()

        // A larger limit is enough to continue.
        let larger = try directory.store("epoch-2", options: .with { $0.maxSize = 2 << 20 })
        let report = try await larger.commit([.init("new", text(999))])
        guard case .stored? = report.outcomes.first else {
            Issue.record("\(report)")
            return
        }
    }

    @Test("a database above the limit takes no message that needs a further page")
    func above() async throws {
        let store = try directory.store()
        _ = try await store.commit((0..<300).map { .init(nil, text($0)) })
        await store.close()
        let limited = try directory.store("epoch-2", options: .with { $0.maxSize = 1 << 20 })
        let outcomes = try await limited.commit([.init("o", text(1))]).outcomes
        #expect(outcomes == [.refused(.sizeLimit(path: directory.file(), bytes: 1 << 20))])
        #expect(try await limited.allRows().count == 300)
    }

    /// Fills a database of 1 MiB to the last message of 10 000 bytes.
    private func filled() async throws -> SQLiteStore {
        let store = try directory.store(options: .with { $0.maxSize = 1 << 20 })
        for number in 0..<200 {
            let outcome = try await store.commit([.init("o-\(number)", text(number))]).outcomes.first
            if case .refused? = outcome { return store }
        }
        Issue.record("the database is never full")
        return store
    }

    @Test("only the messages of a group that do not fit are refused, in any order", arguments: 0..<20)
    func parts(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let store = try await filled()
        let before = try await store.allRows().count
        let group: [MessageDraft] = [
            .init("big-1", text(1000)), .init("small-1", "a"), .init("o-3", text(3)), .init("big-2", text(1001)),
            .init("small-2", "b"), .init(nil, "c"), .init("huge", String(repeating: "y", count: 100_000)),
        ].shuffled(using: &random)
        let report = try await store.commit(group)
        for (draft, outcome) in zip(group, report.outcomes) {
            switch outcome {
            case .stored(let message): #expect(draft.content.count == 1 && message.content == draft.content)
            case .repeated(let id): #expect(id == 4 && draft == group.first { $0.content == Array(text(3).utf8) })
            case .refused(let error):
                #expect(error == .sizeLimit(path: directory.file(), bytes: 1 << 20) && draft.content.count > 9000)
            }
        }
        #expect(report.outcomes.count == group.count)
        let ids = report.outcomes.compactMap { if case .stored(let message) = $0 { message.id } else { nil } }
        #expect(ids.count == 3 && ids == ids.sorted())
        #expect(try await store.allRows().count == before + 3)
        await store.close()
    }

    @Test("a disk that is full at the end of a transaction refuses the largest messages first")
    func fullDisk() async throws {
        let store = try directory.store()
        let failures = Mutex(0)
        await store.replaceCommit { connection in
            let isFull = failures.withLock { count in
                count += 1
                return count <= 2
            }
            guard isFull else { return connection.commit() }
            connection.rollback()
            return SQLITE_FULL
        }
        let report = try await store.commit([
            .init("a", "1"), .init("b", "22222"), .init("c", "333"), .init("d", "4444"), .init("e", "5"),
        ])
        #expect(report.shortOutcomes == [.stored(id: 1), .refused, .refused, .refused, .stored(id: 2)])
        #expect(try await store.allTexts() == ["1", "5"])
        // If nothing fits, the group has failed.
        failures.withLock { $0 = -1000 }
        await store.replaceCommit { connection in
            connection.rollback()
            return SQLITE_FULL
        }
        await #expect(throws: StoreError.self) { try await store.commit([.init("f", "6"), .init("g", "7")]) }
        #expect(try await store.allTexts() == ["1", "5"])
        await store.close()
    }
}

@Suite("Which messages of a group are left out when the database is full")
struct GroupFittingTests {
    private static let error = StoreError.sizeLimit(path: "chat.db", bytes: 1)

    private func fitting(_ sizes: Int...) -> GroupFitting {
        GroupFitting(sizes.map { MessageDraft(nil, String(repeating: "x", count: $0)) })
    }

    @Test("a message that does not fit takes along the later ones that are as large")
    func statement() {
        var fitting = fitting(9, 5, 3, 5, 4, 6)
        fitting.current = 1
        fitting.exclude(because: Self.error)
        #expect(fitting.refusals.keys.sorted() == [1, 3, 5] && fitting.current == nil && fitting.hasCandidates)
        fitting.current = 2
        fitting.exclude(because: Self.error)
        #expect(fitting.refusals.keys.sorted() == [1, 2, 3, 4, 5] && fitting.hasCandidates)
        fitting.current = 0
        fitting.exclude(because: Self.error)
        #expect(!fitting.hasCandidates)
    }

    @Test("the number of attempts is bounded")
    func bounded() {
        // Without the bound, each attempt would leave one message out.
        var fitting = GroupFitting((0..<100).map { MessageDraft(nil, String(repeating: "x", count: 100 - $0)) })
        var attempts = 0
        while fitting.hasCandidates {
            fitting.current = attempts
            fitting.exclude(because: Self.error)
            attempts += 1
        }
        #expect(attempts == GroupFitting.maxAttempts)
    }
}
