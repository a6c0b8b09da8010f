import Testing
import Transport

@testable import Cluster

@Suite("Hub: a worker that ends loses all its sessions at once")
struct HubDetachTests {
    /// The order of a dictionary depends on where it lies in memory, so hubs that live at the same time differ where it
    /// shows.
    @Test("which of them are given up beyond the bound is the same in every run")
    func deterministic() throws {
        let hubs = try (0..<20).map { _ in
            var hub = HubTranscript(recovery: RecoveryOptions(maxLostSessions: 4))
            let worker = hub.attach()
            hub.receive(try HubStep.letters.map { try .register($0) }, from: worker)
            hub.detach(worker)
            return hub
        }
        let kept = hubs.map { $0.machine.sessions.keys.map(\.letter).sorted() }
        #expect(kept[0].count == 4)
        for letters in kept { #expect(letters == kept[0]) }
    }
}
