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
}
