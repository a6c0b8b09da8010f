import Actors
import Synchronization
import Testing
import Transport

@testable import Cluster

@Suite("Hub: the owner of a claimed session is drained before the answer")
struct HubDrainTests {
    /// A link that runs a test's code the first time that it is drained.
    final class Link: HubLink {
        private let isSlow: Bool
        private let sent = Mutex<[String]>([])
        private let work = Mutex<(@Sendable () -> Void)?>(nil)

        /// - Parameter isSlow: true for a link that cannot be drained within a call.
        init(isSlow: Bool = false) {
            self.isSlow = isSlow
        }

        var words: [String] { sent.withLock { $0 } }

        func send(_ events: [HubEvent]) { sent.withLock { $0 += events.words } }

        func onDrain(_ work: @escaping @Sendable () -> Void) { self.work.withLock { $0 = work } }

        func drain() -> Bool {
            let work = work.withLock { work in
                defer { work = nil }
                return work
            }
            work?()
            return !isSlow
        }
    }

    @Test("if draining drops the first claim, the owner of the next claimed session is drained too")
    func claimantGoes() async throws {
        let loop = try EventLoop.start(name: "hub")
        defer { loop.stop() }
        let hub = Hub(loop: loop, store: nil, epoch: "e", recovery: RecoveryOptions())
        let links = (0..<4).map { _ in Link() }
        var workers: [Incarnation] = []
        for link in links { workers.append(await hub.attach(link)) }
        let (ownerOfA, ownerOfB, claimant, other) = (workers[0], workers[1], workers[2], workers[3])
        await hub.receive([try .register("A")], from: ownerOfA)
        await hub.receive([try .register("B")], from: ownerOfB)
        let (claim, emit) = (try HubRequest.claim("B", nil), try HubRequest.emit("x", by: "B"))
        links[0].onDrain {
            hub.assumeIsolated {
                $0.detach(claimant)
                $0.receive([claim], from: other)
            }
        }
        links[1].onDrain { hub.assumeIsolated { $0.receive([emit], from: ownerOfB) } }
        await hub.receive([try .claim("A", nil)], from: claimant)
        #expect(links[3].words == ["B/1 back from 0 @1: x@1"])
        #expect(links[0].words == ["A registered @0", "event x @1"], "the claim of A was dropped")
        #expect(links[2].words.isEmpty)
    }

    @Test("a slow owner delays only the claims of its own sessions, and those keep their order")
    func slowOwner() async throws {
        let loop = try EventLoop.start(name: "hub")
        defer { loop.stop() }
        let hub = Hub(loop: loop, store: nil, epoch: "e", recovery: RecoveryOptions())
        let (slow, fast, claimant) = (Link(isSlow: true), Link(), Link())
        let (ownerOfA, ownerOfB) = (await hub.attach(slow), await hub.attach(fast))
        let other = await hub.attach(claimant)
        await hub.receive([try .register("A")], from: ownerOfA)
        await hub.receive([try .register("B")], from: ownerOfB)
        await hub.receive([try .claim("A", nil), try .claim("B", nil)], from: other)
        // The owner of A needs no drain for its own claim, but the claim before it does.
        await hub.receive([try .claim("A", nil)], from: ownerOfA)
        #expect(claimant.words == ["B/1 back from 0 @0:"])
        #expect(fast.words == ["B registered @0", "B lost 0"])
        #expect(slow.words == ["A registered @0"])
        await hub.drained(ownerOfA)
        #expect(claimant.words == ["B/1 back from 0 @0:", "A/1 back from 0 @0:", "A lost 1"])
        #expect(slow.words == ["A registered @0", "A lost 0", "A/2 back from 0 @0:"])
    }
}
