import TestSupport
import Testing

@testable import Persistence

@Suite("Export and import: every row, with its id")
struct ImportTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    private func rows(of name: String = "chat.db") throws -> [SourceRow] {
        let source = try ExportSource(path: directory.file(name))
        var rows: [SourceRow] = []
        while true {
            let page = try source.next()
            if page.isEmpty { return rows }
            rows += page
        }
    }

    private func tombstones(of name: String = "chat.db") throws -> ([SourceTombstone], through: Int64?) {
        let source = try ExportSource(path: directory.file(name))
        var found: [SourceTombstone] = []
        while true {
            let page = try source.nextDeleted()
            if page.isEmpty { return (found, try source.deletedThrough()) }
            found += page
        }
    }

    private func entries(_ rows: [SourceRow]) -> [ImportTarget.Entry] {
        rows.enumerated().map { ImportTarget.Entry($1, line: $0 + 2) }
    }

    @Test("rows of any program survive a round trip", arguments: 0..<20)
    func roundTrip(seed: Int) async throws {
        var random = SplitMix64(seed: UInt64(seed))
        try await directory.store().close()
        let target = try directory.foreign()
        let insert = try target.prepare(
            """
            INSERT OR IGNORE INTO messages (id, client_offset, content, created_at, author, author_name)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """)
        try target.execute("BEGIN")
        for _ in 0..<200 {
            let id =
                Bool.random(using: &random)
                ? Int64.random(in: -5...400, using: &random) : .random(in: .min ... .max, using: &random)
            try insert.bind(id, at: 1)
            for column: Int32 in [2, 3, 5, 6] { try insert.bind(value(&random), at: column) }
            let times: [SourceValue] = [.integer(7), .real(1.5), .real(.infinity), value(&random)]
            let time = times.randomElement(using: &random) ?? .null
            try insert.bind(time == .null ? .integer(0) : time, at: 4)
            _ = try insert.step()
            insert.reset()
        }
        try target.execute("COMMIT")
        let exported = try rows()
        #expect(exported.count > 100 && exported.map(\.id) == exported.map(\.id).sorted())
        do {
            let imported = try ImportTarget(path: directory.file("new.db"))
            try imported.store(entries(exported))
            _ = try imported.finish(assignedID: 500, [])
        }
        #expect(try rows(of: "new.db") == exported)
    }

    private func value(_ random: inout SplitMix64) -> SourceValue {
        let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return .null
        case 1: return .blob(bytes)
        case 2: return .text(bytes)
        default: return .text(Array("text \(bytes)".utf8))
        }
    }

    @Test("pages end at the highest id of the start, whatever is added meanwhile")
    func bounded() async throws {
        let store = try directory.store()
        _ = try await store.commit((0..<2500).map { .init(nil, "\($0)") })
        let source = try ExportSource(path: directory.file())
        var count = try source.next().count
        _ = try await store.commit([.init(nil, "later")])
        while true {
            let page = try source.next()
            if page.isEmpty { break }
            count += page.count
        }
        #expect((count, source.rowCount) == (2500, 2500))
        await store.close()
    }

    @Test("an import that was interrupted continues, and no server opens its database before the end")
    func interrupted() async throws {
        let rows = (1...10).map { SourceRow($0, "offset \($0)") }
        do { try ImportTarget(path: directory.file()).store(entries(Array(rows[..<4]))) }
        #expect(throws: StoreError.self) { try directory.store() }
        #expect(throws: MaintenanceError.self) { try ExportSource(path: directory.file()) }
        let report: ImportTarget.Report
        do {
            let target = try ImportTarget(path: directory.file())
            try target.store(entries(rows))
            report = try target.finish(
                assignedID: 30, [SourceStart(epoch: Array("old".utf8), startedAt: 1, highestID: 3)])
        }
        #expect((report.rowCount, report.earlierRowCount, report.highestID) == (10, 4, 10))
        let store = try directory.store()
        #expect(store.opening == StoreOpening(highestRowID: 10, highestAssignedID: 30, epochNumber: 2))
        #expect(store.rowLimit(ofEpoch: "old") == 30)
        #expect(
            try await store.commit([.init(nil, "new"), .init("offset 3", "text")]).shortOutcomes
                == [.stored(id: 31), .repeated(id: 3)])
        await store.close()
    }

    @Test("rows of another export, whose import was interrupted, are not mixed with those of this one")
    func mixed() async throws {
        do { try ImportTarget(path: directory.file()).store(entries([SourceRow(1), SourceRow(2), SourceRow(9)])) }
        let reason =
            "\(directory.file()) has 2 messages that are not in this export, of another import that was interrupted; "
            + "remove the file and import again"
        for _ in 0..<2 {
            let target = try ImportTarget(path: directory.file())
            // A newer export of the same chat: 1 and 9 are deleted meanwhile.
            try target.store(entries([SourceRow(2), SourceRow(10)]))
            try target.store([.init(tombstone(1), line: 4)])
            #expect(throws: MaintenanceError.refused(reason)) { try target.finish(assignedID: 10, []) }
        }
        #expect(throws: StoreError.self) { try directory.store() }
    }

    @Test("deleted messages of another export are none of this one")
    func otherDeleted() throws {
        do { try ImportTarget(path: directory.file()).store([.init(tombstone(7), line: 2)]) }
        do {
            let target = try ImportTarget(path: directory.file())
            try target.store(entries([SourceRow(1)]))
            try target.store([.init(tombstone(2), line: 3)])
            _ = try target.finish(assignedID: 2, [], deletedThrough: 0)
        }
        #expect(try tombstones() == ([tombstone(2)], 0))
    }

    private func tombstone(_ id: Int64) -> SourceTombstone {
        SourceTombstone(key: Array("o-\(id)".utf8), contentHash: Array(hash("text").utf8), id: id, deletedAt: 9)
    }

    @Test("a repeated import changes nothing, also after a server has added messages")
    func repeated() async throws {
        let rows = (1...3).map { SourceRow($0) }
        for _ in 0..<2 {
            do {
                let target = try ImportTarget(path: directory.file())
                try target.store(entries(rows))
                _ = try target.finish(assignedID: 3, [])
            }
            let store = try directory.store("epoch-\(UInt64.random(in: 0 ... .max))")
            _ = try await store.commit([.init(nil, "more")])
            await store.close()
        }
        #expect(try self.rows().map(\.id) == [1, 2, 3, 4, 5])
    }

    @Test("a database with other messages takes none")
    func inUse() async throws {
        let store = try directory.store()
        _ = try await store.commit([.init(nil, "own")])
        await store.close()
        let target = try ImportTarget(path: directory.file())
        #expect(throws: MaintenanceError.line(number: 2, reason: "the database has another message with the id 1")) {
            try target.store([.init(SourceRow(1), line: 2)])
        }
        #expect(throws: MaintenanceError.self) { try target.store([.init(SourceRow(9), line: 3)]) }
        #expect(try target.finish(assignedID: 9, []).rowCount == 0)
    }

    @Test("a batch with a row that cannot be stored stores none of its rows")
    func contradiction() throws {
        let target = try ImportTarget(path: directory.file())
        let reason = "another message has the same clientOffset"
        #expect(throws: MaintenanceError.line(number: 8, reason: reason)) {
            try target.store([.init(SourceRow(1, "a"), line: 7), .init(SourceRow(2, "a"), line: 8)])
        }
        try target.store([.init(SourceRow(2, "a"), line: 7)])
        #expect(try target.finish(assignedID: 2, []).rowCount == 1)
    }

    @Test("a database that a server uses is refused")
    func served() throws {
        let store = try directory.store()
        #expect(throws: MaintenanceError.self) { try ImportTarget(path: directory.file()) }
        withExtendedLifetime(store) {}
    }

    @Test("what is left of deleted messages is imported too, so that their repeats are still recognized")
    func deleted() async throws {
        let clock = StoreRetentionTests.Clock()
        var options = clock.options
        options.retention = .age(.seconds(3600))
        let store = try directory.store(options: options)
        let old: [MessageDraft] = (0..<1500).map { .init("tab-\($0)", "text \($0)") } + [.init("undefined-0", "first")]
        for start in stride(from: 0, to: old.count, by: 256) {
            _ = try await store.commit(Array(old[start..<min(start + 256, old.count)]))
        }
        clock.advance(hours: 25)
        // Under the second key, because the first one is taken.
        _ = try await store.commit([.init("undefined-0", "second")])
        while try await store.prune().mayContinue {}
        let second = try #require(try await store.allRows().first?.id)
        await store.close()
        let (deleted, through) = try tombstones()
        #expect(deleted.count == 1501 && through == 1501)

        do {
            let target = try ImportTarget(path: directory.file("new.db"))
            try target.store(entries(rows()))
            try target.store(deleted.map { ImportTarget.Entry($0, line: 1) })
            _ = try target.finish(assignedID: second, [], deletedThrough: through)
        }
        #expect(try tombstones(of: "new.db") == (deleted, through))
        let moved = try SQLiteStore(path: directory.file("new.db"), epoch: "epoch-2", options: clock.options)
        let repeats: [MessageDraft] = [old[7], old[1500], .init("undefined-0", "second")]
        #expect(
            try await moved.commit(repeats).shortOutcomes
                == [.repeated(id: 8), .repeated(id: 1501), .repeated(id: second)])
        #expect(try await moved.allTexts() == ["second"])
        await moved.close()
    }

    @Test("a message that was deleted while it was exported is a message, and not a deleted one")
    func deletedMeanwhile() throws {
        do {
            let target = try ImportTarget(path: directory.file())
            try target.store(entries([SourceRow(5, "o-5"), SourceRow(6, "o-6")]))
            try target.store([tombstone(4), tombstone(5)].map { ImportTarget.Entry($0, line: 1) })
            _ = try target.finish(assignedID: 6, [], deletedThrough: 5)
        }
        #expect(try tombstones() == ([tombstone(4)], 4))
    }
}
