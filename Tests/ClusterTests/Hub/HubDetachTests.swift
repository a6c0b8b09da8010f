import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Hub: a detached worker loses all its sessions at once")
struct HubDetachTests {
    /// Dictionaries at different addresses order equal keys differently, so hubs that exist at the same time reveal
    /// code that depends on that order.
    @Test("the same sessions are evicted above the limit in every run")
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

    @Test("requests of every kind from a detached worker do nothing")
    func requestsOfTheDetached() throws {
        var hub = HubTranscript(recovery: RecoveryOptions())
        let (worker, witness) = (hub.attach(), hub.attach())
        hub.receive(try .register("W"), try .join("W", "r"), try .subscribe("W"), from: witness)
        hub.receive(try .register("A"), from: worker)
        _ = (hub.newEvents(for: worker), hub.newEvents(for: witness))
        hub.detach(worker)
        let data = try JSONText(validating: Array("1".utf8))
        hub.receive(
            try .register("B"), .setData(try SessionKey("A"), data), try .join("A", "r"), try .emit("x"),
            try .emit("y", by: "A"), try .store("A", "z"), try .subscribe("A"), try .unregister("A"),
            try .claim("A", nil), from: worker)
        #expect(hub.newEvents(for: worker).isEmpty && hub.newEvents(for: witness).isEmpty)
        #expect(hub.machine.head == 0 && hub.nextGroup() == nil && hub.machine.claims.entries.isEmpty)
        #expect(hub.machine.sessions.count == 2 && hub.machine.lostCount == 1)
        hub.receive(try .claim("A", nil), from: witness)
        #expect(hub.newEvents(for: witness) == ["A/1 back from 0 @0:"])
    }

    @Test("unanswered claims of a detached worker are dropped, and those of others are answered")
    func claimsOfTheDetached() throws {
        var machine = HubStateMachine(
            HubTerms(epoch: "epoch", keepsSessions: true), lastPublished: 0, highestAssigned: 0,
            recovery: RecoveryOptions())
        let (owner, claimant, other, now) = (machine.attach(), machine.attach(), machine.attach(), ContinuousClock.now)
        var output = HubStateMachine.Output()
        machine.receive([try .register("A"), try .register("B")], from: owner, at: now, into: &output)
        machine.receive([try .claim("A", nil), try .claim("B", nil)], from: claimant, at: now, into: &output)
        machine.receive([try .claim("B", nil)], from: other, at: now, into: &output)
        machine.detach(claimant, at: now, into: &output)
        output = HubStateMachine.Output()
        while let claim = machine.claims.entries.first {
            machine.answerClaim(claim.number, rowLimit: { _ in nil }, into: &output)
        }
        #expect(output.events.map(\.incarnation) == [owner, other])
        #expect(output.events.map(\.events.words) == [["B lost 0"], ["B/1 back from 0 @0:"]])
        #expect(machine.sessions[try SessionID("A" as Character)]?.owner == owner)
    }
}
