import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("What a broker keeps of sessions")
struct KeptSessionsTests {
    /// What happens in addition to the end of connections.
    enum Fault: CaseIterable {
        case none, lateCommands, refusedCommands, largeValues, longPauses
    }

    @Test(
        "after any faults, the broker has the last state of each session, and nothing of those that ended",
        arguments: Fault.allCases)
    func converges(fault: Fault) throws {
        for seed in UInt64(0)..<300 {
            var random = SplitMix64(seed: seed)
            var world = KeptSessionsWorld()
            let ids = try (["A", "B", "C"] as [Character]).map { try SessionID($0) }
            for _ in 0..<200 {
                let id = try #require(ids.randomElement(using: &random))
                switch UInt8.random(in: 0..<24, using: &random) {
                case 0..<5: try world.change(id)
                case 5: world.end(id)
                case 6..<10: world.send()
                case 10..<14: world.carryOut(isRefused: fault == .refusedCommands && Bool.random(using: &random))
                case 14..<18: world.answer()
                case 18: world.endConnection(keepsCommands: fault != .none)
                case 19, 20: world.readLate(Int.random(in: 1..<4, using: &random))
                case 21 where fault == .largeValues:
                    world.large.formSymmetricDifference([id])
                    if world.sessions[id] != nil { try world.change(id) }
                case 21 where fault == .longPauses: world.now += .seconds(170)
                default: world.now += .seconds(Int.random(in: 0..<40, using: &random))
                }
            }
            for id in world.large where world.sessions[id] != nil { try world.change(id) }
            world.large = []
            world.settle()
            // A value that expired while its write was on its way is written again after this time.
            world.now += KeptSessions.doubt
            world.settle()
            world.readLate(.max)
            #expect(world.takenCount == 0, "seed \(seed): no other host has taken one")
            #expect(world.endedAtServer.isEmpty, "seed \(seed)")
            for id in ids {
                let change = try world.change(at: id)
                #expect(change == world.sessions[id], "seed \(seed), \(id.letter)")
            }
        }
    }

    @Test("a session that others take is never written again, and the hub learns it")
    func taken() throws {
        var world = KeptSessionsWorld()
        let id = try SessionID("A" as Character)
        try world.change(id)
        world.settle()
        _ = world.server.take(try world.secret(of: id))
        try world.change(id)
        world.settle()
        // The server may have lost its data, which would be known soon.
        #expect(world.sessions.count == 1 && world.server.values.isEmpty)
        world.now += KeptSessions.doubt
        world.settle()
        #expect(world.sessions.isEmpty && world.server.values.isEmpty)
        // Another host has written it.
        try world.change(id)
        world.settle()
        world.server.write(try world.secret(of: id), [1, 2, 3], until: world.now + .seconds(100))
        world.now += .seconds(40)
        world.settle()
        #expect(world.sessions.isEmpty && world.server.values.count == 1)
        // The value of another host is not removed either.
        try world.change(id)
        world.end(id)
        world.settle()
        #expect(world.server.values.count == 1)
    }

    @Test("a session that others take during an outage is not written again")
    func takenDuringOutage() throws {
        var world = KeptSessionsWorld()
        let id = try SessionID("A" as Character)
        try world.change(id)
        world.settle()
        try world.change(id)
        world.send()
        world.carryOut()
        world.endConnection()
        _ = world.server.take(try world.secret(of: id))
        world.settle()
        world.now += KeptSessions.doubt
        world.settle()
        #expect(world.sessions.isEmpty && world.server.values.isEmpty)
    }

    @Test("a server that has older values again, or none, gets the present ones")
    func olderValues() throws {
        var world = KeptSessionsWorld()
        let id = try SessionID("A" as Character)
        let secret = try world.secret(of: id)
        try world.change(id)
        world.settle()
        let old = try #require(world.server.values[secret])
        for _ in 0..<3 {
            try world.change(id)
            world.settle()
        }
        world.server.write(secret, old.bytes, until: old.expiry)
        try world.change(id)
        world.settle()
        var change = try world.change(at: id)
        #expect(change == world.sessions[id])
        // The loss is known after a write has noticed it.
        world.server.removeAllValues()
        try world.change(id)
        world.settle()
        world.now += .seconds(1)
        world.kept.valuesMayBeLost()
        world.settle()
        change = try world.change(at: id)
        #expect(change == world.sessions[id])
        world.now += .seconds(60)
        world.settle()
        #expect(world.sessions.count == 1)
    }

    @Test("sessions that come and go during an outage leave nothing behind")
    func outage() throws {
        var kept = KeptSessions(of: "host", interval: .seconds(40))
        for _ in 0..<10_000 {
            let id = SessionID.random()
            kept.note(id, id)
            kept.forget(id)
        }
        #expect(kept.waitingCount < 200)
    }

    @Test("values are written again before they expire, after they have expired, and when the broker has lost them")
    func renewed() throws {
        var world = KeptSessionsWorld()
        let id = try SessionID("A" as Character)
        try world.change(id)
        world.settle()
        var change: Int?
        for _ in 0..<10 {
            world.now += .seconds(41)
            world.settle()
            change = try world.change(at: id)
            #expect(change == 1)
        }
        world.now += .seconds(1000)
        world.settle()
        change = try world.change(at: id)
        #expect(change == 1)
        world.server.removeAllValues()
        world.kept.valuesMayBeLost()
        world.settle()
        change = try world.change(at: id)
        #expect(change == 1)
    }

    @Test("a value above the limit is not kept, nor the one before it")
    func tooLarge() throws {
        var kept = KeptSessions(of: "host", interval: .seconds(40))
        var server = KeyServer()
        let (id, secret, now) = (try SessionID("A" as Character), try SessionID("a" as Character), ContinuousClock.now)
        for (number, size) in [(UInt64(1), 10), (2, KeptSessions.maxValue + 1), (4, KeptSessions.maxValue)] {
            kept.note(id, secret)
            for number in number..<(number + 2) {
                let command = kept.next(as: number, at: now, holding: []) { _ in
                    KeptSessions.Value(bytes: Array(repeating: 0, count: size), life: .seconds(160), isConnected: true)
                }
                guard let command else { continue }
                let answer = server.carryOut(command, at: now)
                #expect(kept.answered(number, answer, at: now) == nil)
            }
            #expect(server.values[secret]?.bytes.count == (size > KeptSessions.maxValue ? nil : size))
        }
    }

    @Test("the number of commands on their way is limited, and a refusal pauses them")
    func limits() throws {
        var kept = KeptSessions(of: "host", interval: .seconds(40))
        let now = ContinuousClock.now
        for _ in 0..<2000 {
            let id = SessionID.random()
            kept.note(id, id)
        }
        var sent: [UInt64] = []
        let value = { (_: SessionID) in KeptSessions.Value(bytes: [1], life: .seconds(160), isConnected: true) }
        for number in UInt64(1)...2000 where kept.next(as: number, at: now, holding: [], value: value) != nil {
            sent.append(number)
        }
        #expect(sent.count == KeptSessions.maxOpen)
        #expect(kept.answered(1, SessionAnswer(.failed(reason: "OOM")), at: now) == .refused("OOM"))
        #expect(kept.next(as: 3000, at: now, holding: [], value: value) == nil)
        #expect(kept.next(as: 3001, at: now + .seconds(2), holding: [], value: value) != nil)
        #expect(kept.count == 2000)
    }

    /// When the first write of a session is answered that ends while the write is on its way.
    enum Confirmation: CaseIterable {
        case beforeEnd, behindEnd, never, refused
    }

    @Test("the end of a session knows what became of the write that was on its way", arguments: Confirmation.allCases)
    func endBehindFirstWrite(confirmation: Confirmation) throws {
        let (id, secret) = (try SessionID("A" as Character), try SessionID("a" as Character))
        let now = ContinuousClock.now
        var (kept, server) = (KeptSessions(of: "host", interval: .seconds(40)), KeyServer())
        kept.note(id, secret)
        func next(_ number: UInt64) -> SessionCommand? {
            kept.next(as: number, at: now, holding: []) { _ in
                KeptSessions.Value(bytes: [7], life: .seconds(160), isConnected: true)
            }
        }
        let write = try #require(next(1))
        kept.forget(id)
        if confirmation == .beforeEnd { _ = kept.answered(1, server.carryOut(write, at: now), at: now) }
        let end = try #require(next(2))
        guard case .end(secret, let expected, _) = end.content else { return #expect(Bool(false), "\(end)") }
        // Another host may have taken the value: the end must not touch what that one has.
        #expect(!expected.mayBeAbsent && expected.digests == [SessionDigest(of: [7])])
        if confirmation == .behindEnd {
            _ = kept.answered(1, server.carryOut(write, at: now), at: now)
            _ = server.take(secret)
            #expect(server.carryOut(end, at: now) != SessionAnswer(.done))
        }
        if confirmation == .refused {
            _ = kept.answered(1, SessionAnswer(.failed(reason: "OOM")), at: now)
            _ = kept.answered(2, server.carryOut(end, at: now), at: now)
        } else {
            // The connection ends before the end is answered, so the write may be lost, or come late.
            kept.connectionEnded()
        }
        let again = try #require(kept.next(as: 3, at: now + .seconds(2), holding: []) { _ in nil })
        guard case .end(secret, let repeated, _) = again.content else { return #expect(Bool(false), "\(again)") }
        #expect(repeated.mayBeAbsent == (confirmation != .beforeEnd))
        _ = kept.answered(3, server.carryOut(again, at: now), at: now)
        #expect(kept.lateWrites.isEmpty && !kept.hasWork)
    }
}
