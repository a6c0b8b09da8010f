import TestSupport
import Testing

@testable import Persistence

@Suite("Store: agrees with a model on random groups")
struct StoreModelTests {
    /// The identity of a message with a client offset: drafts with equal names are the same message.
    struct Name: Hashable {
        let offset: String
        let content: String
    }

    @Test(
        "every row is reported once, in id order, and every outcome has the id of a row with the draft's content",
        arguments: 0..<12)
    func agrees(seed: Int) async throws {
        var random = SplitMix64(seed: UInt64(seed))
        let directory = try StoreDirectory()
        let limit = PageLimit(messages: Int.random(in: 1...4, using: &random), bytes: .max)
        let options = SQLiteStore.Options.with {
            $0.synchronous = .normal
            $0.foreignLimit = limit
        }
        var store = try directory.store("start", options: options)
        let foreign = try directory.foreign()
        var model: [Name: Int64] = [:]
        var published: [StoredMessage] = []

        /// Adds reported rows of the other program to the model.
        func publish(_ rows: [StoredMessage]) throws {
            for row in rows {
                published.append(row)
                let offset = try foreign.firstText("SELECT client_offset FROM messages WHERE id = \(row.id)") ?? ""
                model[Name(offset: offset, content: row.text)] = row.id
            }
        }

        for step in 0..<60 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let group = (0..<Int.random(in: 0...8, using: &random)).map { _ in request(&random) }
                var report = try await store.commit(group)
                while report.isDeferred {
                    #expect(report.outcomes.isEmpty && !report.foreignRows.isEmpty)
                    try publish(report.foreignRows)
                    report = try await store.commit(group)
                }
                try publish(report.foreignRows)
                #expect(report.outcomes.count == group.count)
                for (request, outcome) in zip(group, report.outcomes) {
                    let content = String(decoding: request.content, as: UTF8.self)
                    let name = request.clientOffset.map {
                        Name(offset: String(decoding: $0, as: UTF8.self), content: content)
                    }
                    switch outcome {
                    case .stored(let message):
                        #expect(name.flatMap { model[$0] } == nil)
                        if let name { model[name] = message.id }
                        #expect(message.content == request.content && message.author == request.author)
                        #expect(message.clientOffset == request.clientOffset)
                        published.append(message)
                    case .repeated(let id):
                        #expect(name.flatMap { model[$0] } == id)
                    case .refused(let error):
                        Issue.record(error)
                    }
                }
            case 6..<8:
                let (offset, content) = (Int.random(in: 0..<6, using: &random), Int.random(in: 0..<3, using: &random))
                try foreign.execute(
                    "INSERT OR IGNORE INTO messages (client_offset, content) VALUES ('o-\(offset)', 'c-\(content)')")
            case 8:
                try publish(try await store.poll())
            default:
                while case let rows = try await store.poll(), !rows.isEmpty { try publish(rows) }
                await store.close()
                store = try directory.store("start \(step)", options: options)
                #expect(store.opening.highestRowID == published.last?.id ?? 0)
            }
        }
        while case let rows = try await store.poll(), !rows.isEmpty { try publish(rows) }
        #expect(published == (try await store.allRows()))
        #expect(published.map(\.id) == published.map(\.id).sorted())
    }

    private func request(_ random: inout SplitMix64) -> MessageDraft {
        let offset = Int.random(in: 0..<7, using: &random)
        let content = "c-\(Int.random(in: 0..<3, using: &random))"
        let author = Bool.random(using: &random) ? "a-\(Int.random(in: 0..<3, using: &random))" : nil
        return MessageDraft(
            clientOffset: offset == 6 ? nil : Array("o-\(offset)".utf8), content: Array(content.utf8),
            author: author.map { Array($0.utf8) })
    }
}
