import Actors
import Synchronization
import Testing
import Transport

@testable import Cluster

@Suite("Hub: the owner of a claimed session is drained before the answer")
struct HubDrainTests {
    /// A link that runs a test's code the first time that it is drained.
    final class Link: HubLink {
        private let sent = Mutex<[String]>([])
        private let work = Mutex<(@Sendable () -> Void)?>(nil)

        var words: [String] { sent.withLock { $0 } }

        func send(_ events: [HubEvent]) { sent.withLock { $0 += events.words } }

        func onDrain(_ work: @escaping @Sendable () -> Void) { self.work.withLock { $0 = work } }

        func drain() -> Bool {
            let work = work.withLock { work in
                defer { work = nil }
                return work
            }
            work?()
            return true
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
}
