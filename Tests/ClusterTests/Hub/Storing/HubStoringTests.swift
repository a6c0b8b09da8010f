import Actors
import Persistence
import TestSupport
import Testing

@testable import Cluster

@Suite("Hub and store: one group is stored at a time")
struct HubStoringTests {
    @Test("a message is committed, then published, then answered")
    func stores() async throws {
        let fixture = try await HubOnLoop()
        await fixture.receive(try .store("A", "hello"))
        try await eventually { fixture.events == ["message 1 hello", "A stored: 1"] }
        let status = await fixture.hub.status
        #expect(status.stored == 1 && status.groups == 1 && status.lastMessage == 1 && status.waiting == 0)
    }

    @Test("while a group is being stored the next one gathers, and events are still ordered")
    func gathers() async throws {
        let fixture = try await HubOnLoop()
        fixture.store.hold()
        await fixture.receive(try .store("A", "1"))
        try await eventually { fixture.store.groups == [["1"]] }
        await fixture.receive(try .store("A", "2"))
        await fixture.receive(try .store("A", "3"), try .emit("event"))
        #expect(await fixture.hub.status.waiting == 3)
        #expect(fixture.events == ["event event @1"])
        #expect(fixture.store.groups == [["1"]])
        fixture.store.release()
        try await eventually { fixture.events.count == 7 }
        #expect(fixture.store.groups == [["1"], ["2", "3"]])
        #expect(fixture.events.suffix(4) == ["message 2 2", "message 3 3", "A stored: 2", "A stored: 3"])
    }

    @Test("while a link is congested no group is stored, and events are still ordered")
    func congested() async throws {
        let fixture = try await HubOnLoop()
        fixture.link.setCongested(true)
        await fixture.receive(try .store("A", "1"))
        await fixture.receive(try .store("A", "2"), try .emit("event"))
        #expect(await fixture.hub.status.waiting == 2)
        #expect(fixture.events == ["event event @1"] && fixture.store.groups.isEmpty)
        fixture.link.setCongested(false)
        await fixture.hub.linkDrained()
        try await eventually { fixture.events.count == 5 }
        #expect(fixture.store.groups == [["1", "2"]])
    }

    @Test("a group that the full store refuses is a failed one, and one of which it stores a message is not")
    func full() async throws {
        let fixture = try await HubOnLoop()
        let refusal = StoreOutcome.refused(.sizeLimit(path: "chat.db", bytes: 1))
        fixture.store.answer { _ in GroupReport(foreignRows: [], outcomes: [refusal], isDeferred: false) }
        await fixture.receive(try .store("A", "large"))
        try await eventually { await fixture.hub.status.failed == 1 }
        var samples = await fixture.hub.samples
        #expect(samples.number(.storeUp) == 0 && samples.number(.storeFailures, "commit") == 1)
        #expect(samples.number(.refusals, "database_full") == 1)
        #expect(await fixture.hub.status.commits.count == 0)
        fixture.store.answer { group in
            let stored = GroupReport.committed([.stored(id: 1)], of: [group[1]])
            return GroupReport(foreignRows: [], outcomes: [refusal] + stored.outcomes, isDeferred: false)
        }
        await fixture.receive(try .store("A", "large"), try .store("A", "small"))
        try await eventually { await fixture.hub.status.stored == 1 }
        samples = await fixture.hub.samples
        #expect(samples.number(.storeUp) == 1 && samples.number(.storeFailures, "commit") == 2)
        #expect(samples.number(.storedMessages, "failed") == 2)
        #expect(await fixture.hub.status.commits.count == 1)
    }

    @Test("rows of another program are published before the rows of the group that found them")
    func foreignRows() async throws {
        let fixture = try await HubOnLoop()
        fixture.store.answer {
            .committed([.stored(id: 9)], of: $0, foreign: [StoredMessage(4, "foreign"), StoredMessage(7, "too")])
        }
        await fixture.receive(try .store("A", "own"))
        try await eventually { fixture.events.count == 4 }
        #expect(fixture.events == ["message 4 foreign", "message 7 too", "message 9 own", "A stored: 9"])
    }

    @Test("a deferred group is committed again after the rows that deferred it")
    func deferred() async throws {
        let fixture = try await HubOnLoop()
        fixture.store.answer { _ in .deferred(behind: [StoredMessage(1, "a"), StoredMessage(2, "b")]) }
        fixture.store.answer { _ in .deferred(behind: [StoredMessage(3, "c")]) }
        fixture.store.answer { .committed([.stored(id: 5)], of: $0, foreign: [StoredMessage(4, "d")]) }
        await fixture.receive(try .store("A", "own"))
        try await eventually { fixture.events.count == 6 }
        #expect(
            fixture.events == [
                "message 1 a", "message 2 b", "message 3 c", "message 4 d", "message 5 own", "A stored: 5",
            ])
        #expect(fixture.store.groups == [["own"], ["own"], ["own"]])
        #expect(await fixture.hub.status.groups == 1)
    }

    @Test("repeats are answered and counted, and not published")
    func repeats() async throws {
        let fixture = try await HubOnLoop()
        fixture.store.answer { .committed([.stored(id: 1), .repeated(id: 1)], of: $0) }
        fixture.store.hold()
        await fixture.receive(try .store("A", "x", offset: "o"), try .store("A", "x", offset: "o"))
        fixture.store.release()
        try await eventually { fixture.events == ["message 1 x", "A stored: 1", "A stored: 1"] }
        let status = await fixture.hub.status
        #expect(status.stored == 1 && status.repeats == 1)
    }

    @Test("a failed group is dropped and reported to its senders and the operator; the next group is stored")
    func failure() async throws {
        let fixture = try await HubOnLoop()
        let error = StoreError.failed(code: 5, message: "database is locked", path: "chat.db")
        fixture.store.answer { _ throws(StoreError) in throw error }
        await fixture.receive(try .store("A", "1"), try .store("A", "2"))
        try await eventually { fixture.events == ["A stored: failed", "A stored: failed"] }
        #expect(fixture.reports.all == ["2 failed: \(error)"])
        await fixture.receive(try .store("A", "3"))
        try await eventually { fixture.events.suffix(2) == ["message 1 3", "A stored: 1"] }
        let status = await fixture.hub.status
        #expect(status.failed == 2 && status.stored == 1 && status.groups == 1)
    }

    @Test("rows that deferred a group stay published if the group then fails", arguments: [1, 2])
    func failureBehindRows(deferrals: Int) async throws {
        let fixture = try await HubOnLoop()
        for id in 1...deferrals { fixture.store.answer { _ in .deferred(behind: [StoredMessage(Int64(id), "x")]) } }
        fixture.store.answer { _ throws(StoreError) in throw .failed(code: 13, message: "full", path: "p") }
        await fixture.receive(try .store("A", "1"))
        try await eventually { fixture.events.last == "A stored: failed" }
        #expect(fixture.events.count == deferrals + 1)
        #expect(await fixture.hub.status.lastMessage == Int64(deferrals))
    }

    @Test(
        "after a permanent error the store is not called again: the loss is reported once, and later messages fail",
        arguments: [StoreError.superseded(path: "p"), .outcomeUnknown(message: "m", path: "p")])
    func lost(error: StoreError) async throws {
        let fixture = try await HubOnLoop()
        fixture.store.answer { _ throws(StoreError) in throw error }
        await fixture.receive(try .store("A", "1"))
        try await eventually { fixture.events == ["A stored: failed"] }
        await fixture.receive(try .store("A", "2"), try .emit("still"))
        try await eventually { fixture.events == ["A stored: failed", "event still @1", "A stored: failed"] }
        #expect(fixture.store.groups == [["1"]])
        #expect(fixture.reports.all == ["1 failed: \(error)", "lost: \(error)", "1 failed: \(StoreError.closed)"])
    }

    @Test("a hub without a store fails every message and orders events")
    func noStore() async throws {
        let fixture = try await HubOnLoop()
        let hub = Hub(loop: fixture.loop, store: nil)
        let link = FakeLink()
        let worker = await hub.attach(link)
        await hub.receive([try .register("A"), try .store("A", "x"), try .emit("y")], from: worker)
        try await eventually { link.events == ["A registered @0", "event y @1", "A stored: failed"] }
    }
}
