import Testing

@testable import Persistence

@Suite("The rows that the functions in PostgreSQL return")
struct PostgresGroupResultTests {
    private let drafts = ["one", "two"].map { text in
        MessageDraft(clientOffset: Array("o-\(text)".utf8), content: Array(text.utf8))
    }

    private func result(_ rows: [[String?]]) -> PostgresResult {
        PostgresResult(
            rows: rows.map { row in row.map { $0.map { Array($0.utf8) } } }, commandTag: "SELECT \(rows.count)",
            transactionStatus: .idle)
    }

    @Test("foreign rows, outcomes in the order of the messages, and the newest epoch")
    func group() throws {
        let group = try PostgresGroupResult(
            result([
                ["f", "7", "foreign", "1700000000000", nil, "x-1"], ["r", "3", nil, nil, nil, nil],
                ["s", "8", nil, nil, nil, nil], ["e", "12", nil, "9", nil, nil],
            ]), of: drafts, storedAt: 5)
        #expect(
            group.foreignRows == [
                StoredMessage(
                    id: 7, content: Array("foreign".utf8), storedAt: 1_700_000_000_000,
                    clientOffset: Array("x-1".utf8))
            ])
        #expect(group.outcomes == [.repeated(id: 3), .stored(StoredMessage(drafts[1], id: 8, storedAt: 5))])
        #expect(group.hasStored && !group.isDeferred && group.newestEpoch == 12 && group.highestAssigned == 9)
    }

    @Test("a deferred group has no outcomes")
    func deferred() throws {
        let group = try PostgresGroupResult(
            result([["f", "7", "foreign", "0", nil, nil], ["d", nil, nil, nil, nil, nil]]), of: drafts)
        #expect(group.isDeferred && group.outcomes.isEmpty && !group.hasStored)
    }

    @Test("a poll names the server")
    func poll() throws {
        let group = try PostgresGroupResult(result([["e", "1", nil, "0", nil, nil], ["p", "42", "00000002", nil]]))
        #expect(group.server == PostgresServerIdentity(system: 42, timeline: "00000002"))
    }

    @Test("a server in recovery is of no use")
    func recovery() {
        #expect(throws: PostgresFailure.unavailable("the server is in recovery")) {
            try PostgresGroupResult(result([["h", nil, nil, nil, nil, nil]]))
        }
    }

    @Test(
        "another result leaves the outcome unknown",
        arguments: [
            [], [["s", "1"]], [["s", "1"], ["s", "2"], ["s", "3"]], [["s", nil], ["s", "2"]],
            [["s", "x"], ["s", "2"]],
            [["?", "1"], ["s", "1"], ["s", "2"]],
        ] as [[[String?]]])
    func malformed(rows: [[String?]]) {
        let error = #expect(throws: PostgresFailure.self) { try PostgresGroupResult(result(rows), of: drafts) }
        guard case .lost? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("the ids of an epoch are valid up to the highest one that a later timeline had")
    func epochs() {
        let limits = EpochLimits([(number: 1, epoch: "a", limit: 70), (number: 4, epoch: "b", limit: nil)])
        #expect(limits.rowLimit(of: "a") == 70 && limits.rowLimit(of: "b") == .max && limits.rowLimit(of: "c") == nil)
        #expect(limits.newest == 4)
    }

    @Test("the time between attempts to connect doubles up to five seconds, half of it at random")
    func backoff() throws {
        let start = ContinuousClock.now
        var (short, long) = (PostgresBackoff(), PostgresBackoff())
        #expect(short.remaining(at: start) == nil)
        for delay in [100, 200, 400, 800, 1600, 3200, 5000, 5000] {
            short.failed("refused", at: start, random: 0)
            long.failed("refused", at: start, random: 999)
            #expect(short.remaining(at: start) == .milliseconds(delay) / 2)
            #expect(try #require(long.remaining(at: start)) > .milliseconds(delay) * 0.99)
            #expect(long.remaining(at: start + .milliseconds(delay)) == nil)
        }
        #expect(short.reason == "refused")
    }
}
