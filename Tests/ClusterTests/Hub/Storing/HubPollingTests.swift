import Persistence
import TestSupport
import Testing

@testable import Cluster

@Suite("Hub and store: polls and closing")
struct HubPollingTests {
    @Test("an idle hub polls for rows of other programs, and again until there are none")
    func polls() async throws {
        let fixture = try await HubOnLoop(FakeStore(highestRowID: 5, highestAssignedID: 8))
        fixture.store.answerPoll(.success([StoredMessage(9, "a"), StoredMessage(10, "b")]))
        fixture.store.answerPoll(.success([StoredMessage(12, "c")]))
        await fixture.hub.start()
        try await eventually { fixture.store.pollCount >= 3 }
        #expect(fixture.events == ["message 9 a", "message 10 b", "message 12 c"])
        // The hub polls again after the interval.
        fixture.store.answerPoll(.success([StoredMessage(13, "d")]))
        try await eventually { fixture.events.last == "message 13 d" }
    }

    @Test("a failed poll is reported and repeated")
    func pollFails() async throws {
        let fixture = try await HubOnLoop()
        let error = StoreError.failed(code: 10, message: "disk I/O error", path: "p")
        fixture.store.answerPoll(.failure(error))
        fixture.store.answerPoll(.success([StoredMessage(1, "a")]))
        await fixture.hub.start()
        try await eventually { fixture.events == ["message 1 a"] }
        #expect(fixture.reports.all == ["poll failed: \(error)"])
    }

    @Test("a poll that fails with a permanent error ends polling and storing")
    func pollFindsLoss() async throws {
        let fixture = try await HubOnLoop()
        let error = StoreError.superseded(path: "p")
        fixture.store.answerPoll(.failure(error))
        await fixture.hub.start()
        try await eventually { fixture.reports.all.count == 2 }
        #expect(fixture.reports.all == ["poll failed: \(error)", "lost: \(error)"])
        await fixture.receive(try .store("A", "1"))
        try await eventually { fixture.events == ["A stored: failed"] }
        #expect(fixture.store.groups.isEmpty && fixture.store.pollCount == 1)
    }

    @Test("no poll starts while a group is being stored")
    func noPollWhileStoring() async throws {
        let fixture = try await HubOnLoop()
        fixture.store.hold()
        await fixture.receive(try .store("A", "1"))
        try await eventually { fixture.store.groups.count == 1 }
        await fixture.hub.start()
        let twoIntervals = ContinuousClock.now + Hub.pollInterval * 2.2
        try await eventually { ContinuousClock.now > twoIntervals }
        #expect(fixture.store.pollCount == 0)
        fixture.store.release()
        try await eventually { fixture.store.pollCount > 0 }
        #expect(fixture.events == ["message 1 1", "A stored: 1"])
    }

    @Test("closing waits for the gathered groups, and later messages fail")
    func close() async throws {
        let fixture = try await HubOnLoop()
        fixture.store.hold()
        await fixture.receive(try .store("A", "1"))
        try await eventually { fixture.store.groups.count == 1 }
        await fixture.receive(try .store("A", "2"))
        async let closing: Void = fixture.hub.close()
        try await eventually { await fixture.hub.status.waiting == 2 }
        #expect(!fixture.store.isClosed)
        fixture.store.release()
        await closing
        #expect(fixture.store.isClosed)
        #expect(fixture.events.suffix(1) == ["A stored: 2"] && fixture.events.contains("A stored: 1"))
        await fixture.receive(try .store("A", "3"))
        try await eventually { fixture.events.last == "A stored: failed" }
    }

    @Test("an idle hub closes its store at once")
    func closeIdle() async throws {
        let fixture = try await HubOnLoop()
        await fixture.hub.close()
        #expect(fixture.store.isClosed)
    }
}
