import Actors
import Persistence
import TestSupport
import Testing

@testable import Cluster

@Suite("Hub: deletes single messages for the operator")
struct HubDeletionTests {
    /// Stores two messages, and makes the store answer later deletions.
    private func fixture(_ answer: Result<Deletion?, StoreError>) async throws -> HubOnLoop {
        let fixture = try await HubOnLoop()
        fixture.store.answerDeletions { _ in answer }
        await fixture.receive(try .store("A", "x"), try .store("A", "y"))
        try await eventually { fixture.events.count == 4 }
        return fixture
    }

    @Test("the workers learn of the deletion before it ends, at one place of their stream")
    func deletes() async throws {
        let fixture = try await fixture(.success(Deletion(deleted: [2], absent: [1, 7])))
        let result = try await fixture.hub.delete([2, 1, 7])
        // The last one may still become the id of a message.
        #expect(result == HubDeletion(deletion: Deletion(deleted: [2], absent: [1, 7]), gone: [1, 2]))
        // An earlier call may have deleted the first one. Nobody has received the one above the published ones.
        #expect(fixture.events.suffix(1) == ["deleted [1, 2]"])
        #expect(await fixture.hub.status.pruned == 1)
        await fixture.receive(try .store("A", "z"))
        try await eventually { fixture.events.suffix(2) == ["message 3 z", "A stored: 3"] }
    }

    @Test("a store that cannot delete, or fails, changes no stream")
    func fails() async throws {
        let error = StoreError.failed(code: 10, message: "I/O error", path: "x")
        for (answer, text) in [
            (Result<Deletion?, StoreError>.success(nil), "only an SQLite database"), (.failure(error), "I/O error"),
        ] {
            let fixture = try await fixture(answer)
            let thrown = await #expect(throws: DeletionError.self) { try await fixture.hub.delete([1]) }
            #expect("\(try #require(thrown))".contains(text))
            let failures = await fixture.hub.samples.number(.storeFailures, "delete")
            #expect(failures == (text == "I/O error" ? 1 : 0))
            #expect(fixture.events.count == 4)
        }
    }

    @Test("deletions that wait are refused when the hub closes, and all later ones")
    func closes() async throws {
        let fixture = try await fixture(.success(Deletion(deleted: [1])))
        fixture.link.setCongested(true)
        let waiting = Task { [hub = fixture.hub] in try await hub.delete([1]) }
        try await eventually { await fixture.hub.deletionWaiters.count == 1 }
        await fixture.hub.close()
        await #expect(throws: DeletionError.self) { try await waiting.value }
        await #expect(throws: DeletionError.self) { try await fixture.hub.delete([1]) }
        #expect(fixture.events.count == 4)
    }

    @Test("a store that is lost while it deletes is not called again")
    func lost() async throws {
        let fixture = try await fixture(.failure(.superseded(path: "x")))
        await #expect(throws: DeletionError.self) { try await fixture.hub.delete([1]) }
        await #expect(throws: DeletionError.self) { try await fixture.hub.delete([1]) }
        #expect(fixture.reports.all.count == 1)
    }
}
