import Actors
import Persistence
import Synchronization
import Testing
import Transport

@testable import Cluster

@Suite("Direct link: connects a worker and a hub by calls")
struct DirectLinkTests {
    /// A worker that records its stream in words.
    final class Receiver: StreamReceiver {
        private let received = Mutex<[String]>([])

        var words: [String] { received.withLock { $0 } }

        func receive(_ events: [HubEvent]) {
            received.withLock { $0 += events.words }
        }
    }

    @Test("requests reach the hub and their echoes return within the call")
    func exchanges() async throws {
        let fixture = try await HubOnLoop()
        let (link, receiver) = (DirectLink(to: fixture.hub, store: nil), Receiver())
        let requests = [try HubRequest.register("C"), try .join("C", "r"), try .emit("x", to: ["r"], by: "C")]
        let words = await onLoop(of: fixture.hub) {
            link.attach(receiver)
            link.submit(requests)
            return receiver.words
        }
        #expect(words == ["C registered @0", "C joined r", "event x @1", "C emitted"])
    }

    @Test("requests submitted before the worker is attached are dropped")
    func unattached() async throws {
        let fixture = try await HubOnLoop()
        let link = DirectLink(to: fixture.hub, store: nil)
        let requests = [try HubRequest.emit("x")]
        await onLoop(of: fixture.hub) { link.submit(requests) }
        #expect(await fixture.hub.status.position == 0)
    }

    @Test("two links to one hub are two workers")
    func twoWorkers() async throws {
        let fixture = try await HubOnLoop()
        let links = (0..<2).map { _ in DirectLink(to: fixture.hub, store: nil) }
        let receivers = (0..<2).map { _ in Receiver() }
        let requests = [[try HubRequest.register("C")], [try .register("D"), try .emit("x")]]
        await onLoop(of: fixture.hub) {
            for (link, receiver) in zip(links, receivers) { link.attach(receiver) }
            for (link, requests) in zip(links, requests) { link.submit(requests) }
        }
        #expect(receivers[0].words == ["C registered @0", "event x @1"])
        #expect(receivers[1].words == ["D registered @0", "event x @1"])
    }

    @Test("the history reads from the store; without a store there is none")
    func history() async throws {
        let fixture = try await HubOnLoop()
        #expect(DirectLink(to: fixture.hub, store: nil).history == nil)
        let store = try SQLiteStore(path: SQLiteStore.memoryPath, epoch: "epoch")
        _ = try await store.commit(
            ["a", "b", "c"].map {
                MessageDraft(clientOffset: Array("o-\($0)".utf8), content: Array($0.utf8), author: Array("ann".utf8))
            })
        let history = try #require(DirectLink(to: fixture.hub, store: store).history)
        let page = try await history.page(after: 1, through: 3, limit: PageLimit(messages: 1, bytes: 100))
        #expect(page.messages.map(\.id) == [2] && page.messages.map(\.content) == [Array("b".utf8)] && !page.reachesEnd)
        #expect(page.messages.allSatisfy { $0.storedAt > 1_700_000_000_000 })
        #expect(page.messages.map(\.author) == [Array("ann".utf8)])
        #expect(page.messages.map(\.clientOffset) == [Array("o-b".utf8)])
        let rest = try await history.page(after: 2, through: 3, limit: PageLimit(messages: 10, bytes: 100))
        #expect(rest.messages.map(\.id) == [3] && rest.reachesEnd)
        let earlier = try await history.page(before: 3, limit: PageLimit(messages: 1, bytes: 100))
        #expect(earlier.messages == page.messages && !earlier.reachesEnd)
        #expect(try await history.start(ofLatest: 2, through: 3) == 1)
        await store.close()
        await #expect(throws: StoreError.closed) {
            try await history.page(after: 0, through: 3, limit: PageLimit(messages: 1, bytes: 1))
        }
    }

    private func onLoop<Value: Sendable>(
        of hub: isolated Hub, _ work: @Sendable () -> Value
    ) -> Value {
        work()
    }
}
