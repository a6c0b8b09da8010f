import Actors
import Persistence
import TestSupport
import Testing

@testable import Cluster

@Suite("Hub and a store that other servers write too")
struct HubLookTests {
    private static func fixture() async throws -> HubOnLoop {
        try await HubOnLoop(FakeStore(highestRowID: 5, highestAssignedID: 5, isShared: true))
    }

    @Test("a client that has a row of another server is subscribed behind that row")
    func subscription() async throws {
        let fixture = try await Self.fixture()
        fixture.store.answerPoll(.success([StoredMessage(6, "a"), StoredMessage(7, "b")]))
        await fixture.receive(try .register("C", startRow: 7), try .subscribe("C"))
        try await eventually { fixture.events.contains { $0.hasPrefix("C subscribed") } }
        #expect(
            fixture.events == ["C registered @0", "message 6 a", "message 7 b", "C subscribed from 7, highest 7"])
    }

    @Test("a client that has a row which does not exist is subscribed after one read")
    func missingRow() async throws {
        let fixture = try await Self.fixture()
        await fixture.receive(try .register("C", startRow: 9), try .subscribe("C"))
        try await eventually { fixture.events.contains("C subscribed from 5, highest 5") }
        #expect(fixture.store.pollCount == 1)
    }

    @Test("the row that a client has may be deleted")
    func deletedRow() async throws {
        let fixture = try await Self.fixture()
        fixture.store.recordStart("other", highestAssigned: 9)
        await fixture.receive(try .register("C", startRow: 9), try .subscribe("C"))
        try await eventually { fixture.events.contains("C subscribed from 5, highest 9") }
    }

    @Test("a client that has only published rows does not wait")
    func knownRow() async throws {
        let fixture = try await Self.fixture()
        fixture.store.hold()
        await fixture.receive(try .register("C", startRow: 5), try .subscribe("C"))
        #expect(fixture.events == ["C registered @0", "C subscribed from 5, highest 5"])
        #expect(fixture.store.pollCount == 0)
    }

    @Test("a read that began before the subscription does not answer it")
    func laterRead() async throws {
        let fixture = try await Self.fixture()
        fixture.store.hold()
        await fixture.receive(try .store("A", "x"))
        try await eventually { fixture.store.groups.count == 1 }
        fixture.store.answer { _ throws(StoreError) in throw .closed }
        await fixture.receive(try .register("C", startRow: 7), try .subscribe("C"))
        fixture.store.answerPoll(.success([StoredMessage(7, "b")]))
        fixture.store.release()
        try await eventually { fixture.events.last == "C subscribed from 7, highest 7" }
        #expect(fixture.store.pollCount > 0)
    }

    @Test("a subscription that a commit answers comes before the messages and results of its group")
    func subscriptionBeforeResults() async throws {
        let fixture = try await Self.fixture()
        fixture.store.hold()
        await fixture.receive(try .store("A", "x"))
        try await eventually { fixture.store.groups.count == 1 }
        fixture.store.answer { group in
            GroupReport(
                foreignRows: [StoredMessage(7, "b")], outcomes: [.stored(StoredMessage(8, "x"))], isDeferred: false)
        }
        await fixture.receive(try .register("C", startRow: 7), try .subscribe("C"))
        fixture.store.release()
        try await eventually { fixture.events.contains("A stored: 8") }
        let subscription = try #require(fixture.events.firstIndex { $0.hasPrefix("C subscribed") })
        #expect(fixture.events[subscription...] == ["C subscribed from 7, highest 7", "message 8 x", "A stored: 8"])
    }

    @Test("a read that fails does not answer, and a later one does")
    func failedRead() async throws {
        let fixture = try await Self.fixture()
        await fixture.hub.start()
        try await eventually { fixture.store.pollCount > 0 }
        let error = StoreError.unavailable(database: "d", reason: "down")
        fixture.store.answerPoll(.failure(error))
        fixture.store.answerPoll(.success([StoredMessage(7, "b")]))
        await fixture.receive(try .register("C", startRow: 7), try .subscribe("C"))
        try await eventually { fixture.events.last == "C subscribed from 7, highest 7" }
        #expect(fixture.reports.all == ["poll failed: \(error)"])
    }

    @Test("the subscription of a socket that is gone meanwhile is dropped")
    func goneSocket() async throws {
        let fixture = try await Self.fixture()
        fixture.store.hold()
        await fixture.receive(try .register("C", startRow: 7), try .subscribe("C"))
        try await eventually { fixture.store.pollCount == 1 }
        await fixture.receive(try .unregister("C"))
        fixture.store.answerPoll(.success([StoredMessage(7, "b")]))
        fixture.store.release()
        try await eventually { fixture.events.contains("message 7 b") }
        #expect(!fixture.events.contains { $0.hasPrefix("C subscribed") })
    }

    @Test("a claim with the epoch of a server that has just started waits for one read")
    func newEpoch() async throws {
        let fixture = try await Self.fixture()
        fixture.store.hold()
        await fixture.receive(try .claim("Z", "new.3.7"))
        try await eventually { fixture.store.pollCount == 1 }
        #expect(fixture.events == [])
        fixture.store.recordStart("new")
        fixture.store.release()
        try await eventually { fixture.events == ["refused from 7"] }
    }

    @Test("a claim with an epoch that does not exist is answered after one read")
    func unknownEpoch() async throws {
        let fixture = try await Self.fixture()
        await fixture.receive(try .claim("Z", "never.3.7"))
        try await eventually { fixture.events == ["refused, foreign"] }
        #expect(fixture.store.pollCount == 1)
    }

    @Test("a claim with a known epoch, or without a row, does not wait")
    func knownEpoch() async throws {
        let fixture = try await Self.fixture()
        fixture.store.recordStart("old", limit: 4)
        fixture.store.hold()
        await fixture.receive(try .claim("Z", "old.3.7"), try .claim("Y", "never.3"))
        #expect(fixture.events == ["refused from 4 up to 4", "refused"])
    }

    @Test("a claim waits a second at most for a database that does not answer")
    func timeout() async throws {
        let fixture = try await Self.fixture()
        await fixture.hub.start()
        try await eventually { fixture.store.pollCount > 0 }
        fixture.store.hold()
        let start = ContinuousClock.now
        await fixture.receive(try .claim("Z", "never.3.7"))
        try await eventually { fixture.events == ["refused, foreign"] }
        #expect(ContinuousClock.now - start >= Hub.lookTimeout)
    }

    @Test("a notice of new rows leads to a read, also while another call runs")
    func notice() async throws {
        let fixture = try await Self.fixture()
        await fixture.hub.start()
        try await eventually { fixture.store.pollCount > 0 }
        fixture.store.hold()
        await fixture.receive(try .store("A", "x"))
        try await eventually { fixture.store.groups.count == 1 }
        let polls = fixture.store.pollCount
        fixture.store.notify(.changed)
        fixture.store.notify(.disconnected(database: "d", reason: "reset"))
        try await eventually { fixture.reports.all == ["error: lost the connection to d: reset"] }
        fixture.store.release()
        try await eventually { fixture.store.pollCount > polls }
    }
}
