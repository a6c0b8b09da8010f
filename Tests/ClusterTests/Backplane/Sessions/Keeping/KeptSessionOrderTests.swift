import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("The order of commands about sessions")
struct KeptSessionOrderTests {
    private let id: SessionID
    private let secret: SessionID
    private let now = ContinuousClock.now
    private let value = KeptSessions.Value(bytes: [9], life: .seconds(160), isConnected: true)

    init() throws {
        id = try SessionID("A" as Character)
        secret = try SessionID("a" as Character)
    }

    /// The write of a session that was just added.
    private func write(in kept: inout KeptSessions, life: Duration = .seconds(160)) throws -> SessionCommand {
        kept.note(id, secret)
        let command = kept.next(as: 1, at: now, holding: []) { _ in
            KeptSessions.Value(bytes: [7], life: life, isConnected: true)
        }
        return try #require(command)
    }

    @Test("a session that others take before its first write is confirmed is known as taken", arguments: [false, true])
    func takenAtOnce(isReleased: Bool) throws {
        var (kept, server) = (KeptSessions(of: "host", interval: .seconds(40)), KeyServer())
        let write = try write(in: &kept)
        let next =
            isReleased
            ? kept.release(id, secret, value, as: 2, at: now) : kept.check(id, secret, for: 5, as: 2, at: now)
        let written = kept.answered(1, server.carryOut(write, at: now), at: now)
        _ = server.take(secret)
        let outcome = kept.answered(2, server.carryOut(next, at: now), at: now)
        #expect(written == nil && outcome == .taken(id, claim: isReleased ? nil : 5))
    }

    @Test("a session whose first write is refused stays", arguments: [false, true])
    func refused(isReleased: Bool) throws {
        var (kept, server) = (KeptSessions(of: "host", interval: .seconds(40)), KeyServer())
        _ = try write(in: &kept)
        let next =
            isReleased
            ? kept.release(id, secret, value, as: 2, at: now) : kept.check(id, secret, for: 5, as: 2, at: now)
        let written = kept.answered(1, SessionAnswer(.failed(reason: "OOM")), at: now)
        var outcome = kept.answered(2, server.carryOut(next, at: now), at: now)
        #expect(written == .refused("OOM") && outcome == (isReleased ? .expired(id) : .checked(claim: 5)))
        guard isReleased else { return }
        let again = kept.release(id, secret, value, as: 3, at: now)
        outcome = kept.answered(3, server.carryOut(again, at: now), at: now)
        #expect(outcome == .released(id, true) && server.values.count == 1)
    }

    @Test("a value with a short life says that another host has taken it too")
    func shortLife() throws {
        var (kept, server) = (KeptSessions(of: "host", interval: .seconds(1)), KeyServer())
        let write = try write(in: &kept, life: .seconds(4))
        _ = kept.answered(1, server.carryOut(write, at: now), at: now)
        _ = server.take(secret)
        let check = kept.check(id, secret, for: 5, as: 2, at: now)
        let outcome = kept.answered(2, server.carryOut(check, at: now), at: now)
        #expect(outcome == .taken(id, claim: 5))
        // It may have expired a moment earlier than expected.
        let (late, end) = (try self.write(in: &kept, life: .seconds(4)), now + .seconds(3.6))
        _ = kept.answered(1, server.carryOut(late, at: now), at: now)
        _ = server.take(secret)
        let lateCheck = kept.check(id, secret, for: 6, as: 3, at: end)
        let lateOutcome = kept.answered(3, server.carryOut(lateCheck, at: end), at: end)
        #expect(lateOutcome == .checked(claim: 6))
    }

    @Test("a value that may have expired before a late answer does not say that the session is taken")
    func expiredOnTheWay() throws {
        var (kept, server) = (KeptSessions(of: "host", interval: .seconds(40)), KeyServer())
        let write = try write(in: &kept)
        _ = kept.answered(1, server.carryOut(write, at: now), at: now)
        let early = kept.check(id, secret, for: 5, as: 2, at: now)
        let earlyRelease = kept.release(id, secret, value, as: 3, at: now)
        // The broker, or the whole machine, stands still.
        let late = now + .seconds(161)
        var outcome = kept.answered(2, server.carryOut(early, at: late), at: late)
        #expect(outcome == .expired(id, claim: 5))
        outcome = kept.answered(3, server.carryOut(earlyRelease, at: late), at: late)
        #expect(outcome == .expired(id))
        // The commands are repeated.
        let check = kept.check(id, secret, for: 5, as: 4, at: late)
        outcome = kept.answered(4, server.carryOut(check, at: late), at: late)
        #expect(outcome == .checked(claim: 5))
        let release = kept.release(id, secret, value, as: 5, at: late)
        outcome = kept.answered(5, server.carryOut(release, at: late), at: late)
        #expect(outcome == .released(id, true))
    }

    @Test("a repeated command finds the value of a host that has taken the session", arguments: [false, true])
    func takenOnTheWay(isReleased: Bool) throws {
        var (kept, server) = (KeptSessions(of: "host", interval: .seconds(40)), KeyServer())
        let write = try write(in: &kept)
        _ = kept.answered(1, server.carryOut(write, at: now), at: now)
        let early = kept.check(id, secret, for: 5, as: 2, at: now)
        _ = server.take(secret)
        let answer = server.carryOut(early, at: now)
        let late = now + .seconds(161)
        var outcome = kept.answered(2, answer, at: late)
        #expect(outcome == .expired(id, claim: 5))
        server.write(secret, [1, 2, 3], until: late + .seconds(100))
        let next =
            isReleased
            ? kept.release(id, secret, value, as: 3, at: late) : kept.check(id, secret, for: 5, as: 3, at: late)
        outcome = kept.answered(3, server.carryOut(next, at: late), at: late)
        #expect(outcome == .taken(id, claim: isReleased ? nil : 5))
    }

    @Test("a session that is written again and ends before its release is confirmed leaves nothing behind")
    func endedAfterRelease() throws {
        var (kept, server) = (KeptSessions(of: "host", interval: .seconds(40)), KeyServer())
        let write = try write(in: &kept)
        _ = kept.answered(1, server.carryOut(write, at: now), at: now)
        // The broker may have lost its data, so that the next write does not need the first value.
        kept.valuesMayBeLost()
        let release = kept.release(id, secret, value, as: 2, at: now)
        let next = kept.next(as: 3, at: now, holding: []) { _ in
            KeptSessions.Value(bytes: [8], life: .seconds(160), isConnected: true)
        }
        let again = try #require(next)
        let outcome = kept.answered(2, server.carryOut(release, at: now), at: now)
        #expect(outcome == .released(id, true))
        kept.forget(id)
        let last = kept.nextRemoval(as: 4, at: now)
        let removal = try #require(last)
        _ = kept.answered(3, server.carryOut(again, at: now), at: now)
        #expect(server.values.count == 1)
        _ = kept.answered(4, server.carryOut(removal, at: now), at: now)
        #expect(server.values.isEmpty)
    }

    @Test("a write that comes late does not bring a session back that has ended")
    func writtenLate() throws {
        var (kept, server) = (KeptSessions(of: "host", interval: .seconds(40)), KeyServer())
        let write = try write(in: &kept)
        kept.connectionEnded()
        kept.forget(id)
        let next = kept.nextRemoval(as: 2, at: now)
        let end = try #require(next)
        let outcome = kept.answered(2, server.carryOut(end, at: now), at: now)
        #expect(outcome == nil)
        let late = server.carryOut(write, at: now + .seconds(100))
        #expect(late == SessionAnswer(.taken) && server.values.isEmpty)
        let take = SessionCommand(.take(secret, by: "other", copyLife: .seconds(30)))
        #expect(server.carryOut(take, at: now + .seconds(100)) == SessionAnswer(.value(nil)))
    }

    @Test("an end that the broker refuses is repeated after a pause, until the value has expired")
    func refusedEnd() throws {
        var (kept, server) = (KeptSessions(of: "host", interval: .seconds(40)), KeyServer())
        let write = try write(in: &kept)
        _ = kept.answered(1, server.carryOut(write, at: now), at: now)
        kept.forget(id)
        var (time, commands) = (now, 0)
        for number in UInt64(2)..<1000 where kept.hasWork {
            let command = kept.next(as: number, at: time, holding: []) { _ in nil }
            time += .milliseconds(500)
            guard command != nil else { continue }
            commands += 1
            let outcome = kept.answered(number, SessionAnswer(.failed(reason: "NOREPLICAS")), at: time)
            #expect(outcome == .refused("NOREPLICAS"))
            let early = kept.nextRemoval(as: 2000, at: now)
            #expect(early == nil, "the pause holds for what is sent before a question too")
        }
        #expect(!kept.hasWork && commands > 80 && time > now + .seconds(160))
    }

    @Test("a session that ends when the broker has an older value of it again is removed")
    func endedWithOlderValue() throws {
        var world = KeptSessionsWorld()
        try world.change(id)
        world.settle()
        let key = try world.secret(of: id)
        let old = try #require(world.server.values[key])
        try world.change(id)
        world.settle()
        world.server.write(key, old.bytes, until: old.expiry)
        world.kept.valuesMayBeLost()
        world.end(id)
        world.settle()
        #expect(world.server.values.isEmpty)
    }

    @Test("a session that is given without its value may be written by its new host", arguments: [false, true])
    func givenWithoutValue(isWritten: Bool) throws {
        var (giver, taker) = (
            KeptSessions(of: "host", interval: .seconds(40)), KeptSessions(of: "other", interval: .seconds(40))
        )
        var server = KeyServer()
        let first = try write(in: &giver)
        _ = giver.answered(1, server.carryOut(first, at: now), at: now)
        if isWritten { giver.note(id, secret) }
        giver.handOver(id)
        giver.forget(id)
        let next = giver.nextRemoval(as: 2, at: now)
        _ = server.carryOut(try #require(next), at: now)
        let second = try write(in: &taker)
        #expect(server.carryOut(second, at: now) == SessionAnswer(.done) && server.values.count == 1)
    }

    @Test("a session on its way to another host is written, and is not removed when that host has it")
    func handedOver() throws {
        var (giver, taker) = (
            KeptSessions(of: "host", interval: .seconds(40)), KeptSessions(of: "other", interval: .seconds(40))
        )
        var server = KeyServer()
        let value = { (number: UInt8) in
            KeptSessions.Value(bytes: [number], life: .seconds(160), isConnected: true)
        }
        giver.note(id, secret)
        let first = giver.next(as: 1, at: now, holding: []) { _ in value(1) }
        let write = try #require(first)
        // The write is still on its way.
        let release = giver.release(id, secret, value(2), as: 2, at: now)
        var outcome = giver.answered(1, server.carryOut(write, at: now), at: now)
        #expect(outcome == nil)
        outcome = giver.answered(2, server.carryOut(release, at: now), at: now)
        #expect(outcome == .released(id, true) && giver.releasedValue(of: id) == SessionDigest(of: [2]))
        #expect(giver.next(as: 3, at: now, holding: [id]) { _ in value(3) } == nil)
        giver.handOver(id)
        giver.forget(id)
        #expect(giver.nextRemoval(as: 4, at: now) == nil && server.values.count == 1)

        // The other host writes over it.
        taker.adopt(id, secret, SessionDigest(of: [2]), writtenAfter: now)
        taker.note(id, secret)
        let second = taker.next(as: 1, at: now, holding: []) { _ in value(4) }
        outcome = taker.answered(1, server.carryOut(try #require(second), at: now), at: now)
        #expect(outcome == nil && taker.records[id]?.expected.digests == [SessionDigest(of: [4])])
    }

    @Test("a host that is given a session finds out that a third one has taken it", arguments: [false, true])
    func takenMeanwhile(isReleased: Bool) throws {
        var (kept, server) = (KeptSessions(of: "other", interval: .seconds(40)), KeyServer())
        kept.adopt(id, secret, SessionDigest(of: [2]), writtenAfter: now)
        let command =
            isReleased
            ? kept.release(id, secret, nil, as: 1, at: now) : kept.check(id, secret, for: 5, as: 1, at: now)
        let outcome = kept.answered(1, server.carryOut(command, at: now), at: now)
        #expect(outcome == .taken(id, claim: isReleased ? nil : 5))
    }

    @Test("a session that has just ended is not taken from the broker, by its host or another one", arguments: [0, 1])
    func ended(claimant: Int) async throws {
        let all = try await HubHosts(2, keepsMessages: true, keepsSessions: true)
        defer { all.end() }
        await all[0].receive(try .register("A"))
        await all.settle()
        #expect(all.broker.withKeys { $0.values.count } == 1)
        await all[0].receive(.unregister(try SessionKey("A"), isKept: false))
        await all[claimant].receive(try .claim("A", nil))
        await all.settle()
        #expect(all.events(claimant).last == "refused")
        #expect(all.broker.withKeys { $0.values.isEmpty })
    }

    @Test("a session without data is restored without data")
    func noData() async throws {
        let all = try await HubHosts(2, keepsMessages: true, keepsSessions: true)
        defer { all.end() }
        await all[0].receive(try .register("A"))
        await all.settle()
        all[0].backplane.leave()
        await all[1].receive(try .claim("A", nil))
        await all.settle()
        let sessions = await all[1].hub.machine.sessions.values.map { $0.data == Optional.none }
        #expect(sessions == [true])
    }
}
