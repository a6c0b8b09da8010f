import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Hub: a lost client claims its session")
struct HubClaimTests {
    var hub = HubTranscript(recovery: RecoveryOptions())
    let worker: Incarnation
    let other: Incarnation

    /// The hub orders two events before A registers at position 2 with start row 5.
    init() throws {
        worker = hub.attach()
        other = hub.attach()
        hub.receive(try .register("W"), try .emit("old"), try .emit("old"), from: other)
        hub.receive(try .register("A", startRow: 5), from: worker)
        _ = (hub.newEvents(for: worker), hub.newEvents(for: other))
    }

    /// Loses A, then claims its session on the other worker.
    /// - Returns: the last event that the claimant's worker received.
    private mutating func claimed(_ offset: String?) throws -> String? {
        hub.receive(try .lose("A"), from: worker)
        hub.receive(try .claim("A", offset), from: other)
        return hub.newEvents(for: other).last
    }

    @Test("the claimant gets the events after its offset, and later events follow in the same stream")
    mutating func missed() throws {
        hub.receive(try .emit("x"), try .emit("y"), try .emit("z"), from: worker)
        #expect(try claimed("epoch.3.9") == "A/1 back from 9 @5: y@4 z@5")
        hub.receive(try .emit("live", to: [SessionID("A").description]), from: worker)
        #expect(hub.newEvents(for: other) == ["event live @6"])
    }

    @Test(
        "an invalid, missing or too low offset is replaced by the position at which the session registered",
        arguments: ["nonsense", "epoch", "epoch.x.1", "epoch.-1.1", "", nil, "epoch.1.9", "epoch.0.9"])
    mutating func foreignOffset(offset: String?) throws {
        hub.receive(try .emit("x"), from: worker)
        #expect(try claimed(offset) == "A/1 back from 5 @3: x@3", "the stored start row is used too")
    }

    @Test(
        "an offset of another epoch is replaced by the registration's position; its epoch limits the trusted row ids",
        arguments: [("elsewhere.4.9", 0), ("old.4.9", 7), ("old.4.3", 7)] as [(String, Int64)])
    mutating func otherEpoch(offset: String, limit: Int64) throws {
        hub.rowLimits["old"] = 7
        hub.receive(try .emit("x"), from: worker)
        #expect(try claimed(offset) == "A/1 back from 5 up to \(limit) @3: x@3")
    }

    @Test("an offset without a row id starts at the session's start row")
    mutating func offsetWithoutRow() throws {
        #expect(try claimed("epoch.2") == "A/1 back from 5 @2:")
    }

    @Test("a session without a start row starts at the last row published when it registered")
    mutating func startsNow() throws {
        hub.publish((7, "before"))
        hub.receive(try .register("B", startRow: nil), from: worker)
        hub.publish((8, "after"))
        hub.receive(try .lose("B"), try .claim("B", nil), from: worker)
        #expect(hub.newEvents(for: worker).last == "B/1 back from 7 @2:")
    }

    @Test("a claim with an offset above the head is refused, and the session is deleted")
    mutating func aboveTheHead() throws {
        #expect(try claimed("epoch.3.9") == "refused from 9")
        hub.receive(try .claim("A", "epoch.2.9"), from: other)
        #expect(hub.newEvents(for: other) == ["refused from 9"])
    }

    @Test("a claim with an unknown secret is refused; its row id is trusted up to the limit of its epoch")
    mutating func unknown() throws {
        hub.rowLimits["old"] = 7
        hub.receive(try .claim("B", "epoch.2.9"), from: other)
        hub.receive(try .claim("B", "elsewhere.2.9"), from: other)
        hub.receive(try .claim("B", "old.2.9"), from: other)
        hub.receive(try .claim("B", "old.2.6"), from: other)
        for offset in [nil, "", "old.9", "x", "old.2.9.1"] { hub.receive(try .claim("B", offset), from: other) }
        let known = ["refused from 9", "refused, foreign", "refused from 7 up to 7", "refused from 6 up to 7"]
        #expect(hub.newEvents(for: other) == known + [String](repeating: "refused", count: 5))
    }

    @Test("a claim from another namespace is refused")
    mutating func otherNamespace() throws {
        hub.receive(try .lose("A"), from: worker)
        hub.receive(try .claim("A", nil, in: "/other"), from: other)
        #expect(hub.newEvents(for: other) == ["refused"])
    }

    @Test("the latest claim wins: each previous owner is notified, and its later requests are dropped")
    mutating func latestClaimWins() throws {
        hub.receive(try .claim("A", nil), from: other)
        #expect(hub.newEvents(for: worker) == ["A lost 0"])
        #expect(hub.newEvents(for: other) == ["A/1 back from 5 @2:"])
        hub.receive(try .claim("A", nil), from: worker)
        #expect(hub.newEvents(for: other) == ["A lost 1"])
        #expect(hub.newEvents(for: worker) == ["A/2 back from 5 @2:"])
        hub.receive(.unregister(try SessionKey("A", epoch: 1)), from: other)
        hub.receive(
            .unregister(try SessionKey("A", epoch: 0)), .emit(.event("x"), sender: try SessionKey("A")), from: worker)
        hub.receive(.join(try SessionKey("A", epoch: 2), room: "r"), from: worker)
        #expect(
            hub.newEvents(for: worker) == ["A emitted", "A joined r"],
            "a dropped emit is answered too, to return its credit")
    }

    @Test("a refused claim makes the old owner close its connection")
    mutating func refusedClaimClosesOldOwner() throws {
        hub.receive(try .claim("A", "epoch.99.1"), from: other)
        #expect(hub.newEvents(for: worker) == ["A lost 0"])
        hub.receive(try .emit("x"), from: other)
        #expect(hub.newEvents(for: worker).isEmpty, "no session is left on that worker")
    }

    @Test("a claimant that is gone when the answer arrives hands the session back")
    mutating func handedBack() throws {
        hub.receive(try .emit("x"), from: worker)
        #expect(try claimed(nil) == "A/1 back from 5 @3: x@3")
        hub.receive(try .lose("A", epoch: 1), from: other)
        hub.receive(try .claim("A", nil), from: worker)
        #expect(hub.newEvents(for: worker).last == "A/2 back from 5 @3: x@3")
    }

    @Test("a claim is refused if the missed events exceed the worker's limit")
    mutating func tooMuchMissed() throws {
        hub.receive(try .emit(String(repeating: "x", count: 1000)), try .lose("A"), from: worker)
        hub.receive(try .claim("A", nil, limit: 1000), from: other)
        #expect(hub.newEvents(for: other).last == "refused")
    }

    @Test("a recovered session has its data and rooms")
    mutating func dataAndRooms() throws {
        hub.receive(
            .setData(try SessionKey("A"), JSONText(integer: 7)), try .join("A", "s"), try .join("A", "r"), from: worker)
        #expect(try claimed(nil) == "A/1 back in r,s from 5 @2:")
        #expect(hub.machine.sessions[try SessionID("A")]?.data == JSONText(integer: 7))
    }

    @Test("a claim is refused after the client has left or the session has expired")
    mutating func gone() throws {
        hub.receive(try .unregister("A"), from: worker)
        hub.receive(try .claim("A", nil), from: other)
        #expect(hub.newEvents(for: other) == ["refused"])
        hub.receive(try .register("B"), try .lose("B"), from: worker)
        hub.now += .seconds(120)
        hub.receive(try .claim("B", nil), from: other)
        #expect(hub.newEvents(for: other) == ["B/1 back from 0 @2:"])
        hub.receive(try .lose("B", epoch: 1), from: other)
        hub.now += .seconds(121)
        hub.receive(try .claim("B", nil), from: other)
        #expect(hub.newEvents(for: other) == ["refused"])
    }

    @Test("the sessions of a dead worker can be claimed")
    mutating func workerDeath() throws {
        hub.detach(worker)
        hub.receive(try .emit("x"), from: other)
        hub.receive(try .claim("A", nil), from: other)
        #expect(hub.newEvents(for: other).last == "A/1 back from 5 @3: x@3")
    }

    @Test("above the limit the oldest lost sessions are deleted")
    mutating func bound() throws {
        var options = RecoveryOptions()
        options.maxLostSessions = 2
        hub = HubTranscript(recovery: options)
        let worker = hub.attach()
        for letter in "ABC" { hub.receive(try .register(letter), try .lose(letter), from: worker) }
        #expect(hub.machine.sessions.keys.map(\.letter).sorted() == ["B", "C"])
    }

    @Test("a session that is lost and claimed repeatedly does not evict others")
    mutating func boundIsOfLostOnes() throws {
        var options = RecoveryOptions()
        options.maxLostSessions = 2
        hub = HubTranscript(recovery: options)
        let worker = hub.attach()
        hub.receive(try .register("A"), try .lose("A"), try .register("B"), from: worker)
        for epoch: UInt32 in 0..<3 {
            hub.now += .seconds(1)
            hub.receive(try .lose("B", epoch: epoch), try .claim("B", nil), from: worker)
        }
        #expect(hub.machine.lostCount == 1 && hub.machine.sessions.count == 2)
    }

    @Test("without recovery a lost session is deleted")
    mutating func off() throws {
        hub = HubTranscript()
        let worker = hub.attach()
        hub.receive(try .register("A"), try .lose("A"), try .claim("A", nil), from: worker)
        #expect(hub.newEvents(for: worker).last == "refused")
        #expect(hub.machine.sessions.isEmpty && hub.machine.log == nil)
    }

    @Test("eight contested claims are carried out, then the owner keeps the session")
    mutating func refusedAsContested() throws {
        for _ in 0..<4 {
            hub.receive(try .claim("A", nil), from: other)
            hub.receive(try .claim("A", nil), from: worker)
        }
        hub.receive(try .emit("x"), from: other)
        _ = (hub.newEvents(for: worker), hub.newEvents(for: other))
        hub.receive(try .claim("A", "epoch.2.9"), from: other)
        #expect(
            hub.newEvents(for: other) == ["refused from 9"],
            "its offset still counts for its new session, so that it gets no message twice")
        #expect(hub.newEvents(for: worker).isEmpty, "the owner is not notified")
        #expect(hub.contestedSessions == ["A"])
        hub.receive(.join(try SessionKey("A", epoch: 8), room: "r"), from: worker)
        #expect(hub.newEvents(for: worker) == ["A joined r"], "the owner's requests are still carried out")
        hub.receive(try .claim("A", nil), from: other)
        #expect(hub.contestedSessions == ["A"], "the contest is reported once")
        hub.now += .seconds(30)
        hub.receive(try .claim("A", nil), from: other)
        #expect(hub.newEvents(for: other).last == "A/9 back in r from 5 @3: x@3")
    }

    @Test("a claim of a session without an owner is never refused as contested")
    mutating func notDamped() throws {
        for epoch: UInt32 in 0..<100 {
            hub.receive(try .lose("A", epoch: epoch), try .claim("A", nil), from: worker)
            #expect(hub.newEvents(for: worker).last == "A/\(epoch + 1) back from 5 @2:")
        }
    }

    @Test("a claim of a dead worker's session is never refused as contested")
    mutating func notDampedAfterDeaths() throws {
        hub.detach(worker)
        for epoch: UInt32 in 0..<20 {
            let next = hub.attach()
            hub.receive(try .claim("A", nil), from: next)
            #expect(hub.newEvents(for: next) == ["A/\(epoch + 1) back from 5 @2:"])
            hub.detach(next)
        }
    }
}
