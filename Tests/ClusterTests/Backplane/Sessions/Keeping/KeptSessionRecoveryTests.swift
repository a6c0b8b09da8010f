import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Several hubs at a broker that keeps sessions")
struct KeptSessionRecoveryTests {
    private static let start = EntryID(milliseconds: 1_700_000_100_000, sequence: 0)

    private func makeHosts(_ count: Int) async throws -> HubHosts {
        let all = try await HubHosts(count, keepsMessages: true, keepsSessions: true)
        all.broker.continueAt(Self.start)
        return all
    }

    /// The id of an event that the client has, in hosts that were just made.
    private func offset(_ milliseconds: UInt64, _ sequence: UInt64 = 0) -> String {
        EntryID(milliseconds: Self.start.milliseconds + milliseconds, sequence: sequence).description
    }

    /// What follows the rooms in the answer to a claim, without the positions.
    private func missed(_ event: String?) -> String {
        guard let event, let colon = event.firstIndex(of: ":") else { return event ?? "" }
        return event[colon...].split(separator: " ").dropFirst().map { $0.split(separator: "@")[0] }
            .joined(separator: " ")
    }

    /// A session in a room, whose client has got one event. Its host is then gone.
    private func loseHost(_ all: HubHosts) async throws {
        await all[0].receive(
            try .register("A"), try .join("A", "r"), .setData(try SessionKey("A"), try JSONText(validating: [0x37])))
        await all[1].receive(try .emit("seen"))
        await all.settle()
        all[0].backplane.leave()
    }

    @Test(
        "a session survives its host, with its rooms, its data and what was missed",
        arguments: [false, true])
    func deadHost(hasLog: Bool) async throws {
        let all = try await makeHosts(3)
        defer { all.end() }
        try await loseHost(all)
        await all[1].receive(
            try .emit("x"), try .emit("other", to: ["s"]), try .emit("y", to: ["r"]),
            .emit(.event("volatile", isVolatile: true), sender: nil), try .emit("elsewhere", in: "/other"))
        await all.settle()
        if !hasLog { all[2].backplane.deliveryStart.withLock { $0 = EntryID(milliseconds: .max, sequence: 0) } }
        await all[2].receive(try .claim("A", offset(0)))
        await all[1].receive(try .emit("z", to: ["r"]))
        await all.settle()
        let answer = try #require(all.events(2).last { $0.hasPrefix("A") })
        #expect(answer.hasPrefix("A/\(firstTaken) back in r"))
        // The last one may come as a missed event, or after the answer.
        let live = all.events(2).reversed().prefix { !$0.hasPrefix("A") }.map { String($0.split(separator: " ")[1]) }
        #expect(missed(answer).split(separator: " ").map(String.init) + live == ["x", "y", "z"])
        let sessions = await all[2].hub.machine.sessions.values.compactMap(\.data).map(\.description)
        #expect(sessions == ["7"])
        // It is kept again, as a session of its new host.
        let secret = try SessionID("a" as Character)
        let kept = all.broker.withKeys { $0.session(secret, at: .now)?.places?.host }
        #expect(kept == "three")
    }

    @Test("the client claims again before it has read what it missed", arguments: [false, true])
    func unread(nextHostDies: Bool) async throws {
        let all = try await makeHosts(3)
        defer { all.end() }
        try await loseHost(all)
        await all[1].receive(try .emit("x", to: ["r"]), try .change(.leave(["r"]), to: ["r"]), try .emit("y"))
        await all.settle()
        await all[1].receive(try .claim("A", offset(0)))
        await all.settle()
        #expect(missed(all.events(1).last) == "x y")
        let next = nextHostDies ? all[2] : all[1]
        if nextHostDies { all[1].backplane.leave() } else { await all[1].receive(try .lose("A", epoch: 1)) }
        await next.receive(try .emit("z"), try .emit("not any more", to: ["r"]))
        await all.settle()
        await next.receive(try .claim("A", offset(0)))
        await all.settle()
        #expect(missed(next.events.last) == "x y z")
    }

    @Test("a host that hangs and wakes up does not give the session that was taken, and closes its socket")
    func frozenHost() async throws {
        let all = try await makeHosts(3)
        defer { all.end() }
        await all[0].receive(try .register("A"))
        await all.settle()
        let secret = try SessionID("a" as Character)
        _ = all.broker.withKeys { $0.take(secret) }
        // The question reaches it after somebody has taken the session.
        await all[2].receive(try .claim("A", nil))
        await all.settle()
        #expect(all.events(2) == ["refused"])
        #expect(all.events(0).last == "A lost 0")
        #expect(await all[0].hub.machine.sessions.isEmpty)
    }

    @Test("a session moves from a live host only after its present value is at the broker")
    func fence() async throws {
        let all = try await makeHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"))
        await all.settle()
        await all[1].receive(try .claim("A", nil))
        await all.deliver()
        #expect(all[0].backplane.waitingCommands == ["write"] && all.broker.waiting.isEmpty)
        await all[0].receive(try .join("A", "late"))
        await all.settle()
        #expect(all.events(1).last?.hasPrefix("A/1 back in late") == true, "\(all.events(1))")
        let secret = try SessionID("a" as Character)
        let kept = all.broker.withKeys { $0.session(secret, at: .now)?.places?.host }
        #expect(kept == "two")
    }

    @Test("a session whose move is interrupted is at one host afterwards, and kept as that of this host")
    func interruptedMove() async throws {
        let all = try await makeHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"))
        await all.settle()
        await all[1].receive(try .claim("A", nil))
        await all.deliver()
        await all.run { [all] in
            all.broker.carryOutCommands()
            all[0].backplane.deliver(.gap)
        }
        await all.settle()
        let secret = try SessionID("a" as Character)
        let kept = all.broker.withKeys { $0.session(secret, at: .now)?.places?.host }
        // The host that does not have it finds that out when the client comes to it.
        let other = all[kept == "one" ? 1 : 0]
        await other.receive(try .claim("A", nil))
        await all.settle()
        let counts = [await all[0].hub.machine.sessions.count, await all[1].hub.machine.sessions.count]
        #expect(counts == (kept == "one" ? [0, 1] : [1, 0]), "was kept at \(kept ?? "no host")")
    }

    @Test("a session that was at an official server meanwhile comes back as it is there")
    func returned() async throws {
        let all = try await makeHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .join("A", "r"))
        await all[1].receive(try .emit("seen"))
        await all.settle()
        await all[0].receive(try .lose("A"))
        let (id, secret) = (try SessionID("A" as Character), try SessionID("a" as Character))
        _ = all.broker.withKeys { $0.take(secret) }
        let session = StreamSession(
            id: id.description, privateID: secret.description, rooms: [id.description, "s"], data: MixedValue(.null))
        all.broker.withKeys { $0.write(secret, session.encoded, until: .now + .seconds(100)) }
        await all[1].receive(try .emit("x", to: ["s"]), try .emit("y", to: ["r"]))
        await all.settle()
        await all[0].receive(try .claim("A", offset(0)))
        await all.settle()
        #expect(all.events(0).last?.hasPrefix("A/\(firstTaken) back in s") == true, "\(all.events(0))")
        #expect(missed(all.events(0).last) == "x")
    }

    @Test("of two hosts that claim a session of a dead one, one gets it")
    func contest() async throws {
        let all = try await makeHosts(3)
        defer { all.end() }
        try await loseHost(all)
        await all[1].receive(try .claim("A", offset(0)))
        await all[2].receive(try .claim("A", offset(0)))
        await all.settle()
        let back = (1...2).filter { all.events($0).contains { $0.hasPrefix("A/\(firstTaken) back") } }
        #expect(back.count >= 1)
        var owners = 0
        for host in all.hosts.dropFirst() { owners += await host.hub.machine.sessions.count }
        #expect(owners == 1)
    }

    @Test("of two hosts that claim a session of one that hangs, the earlier one takes it and passes it on")
    func contestOfHangingHost() async throws {
        let all = try await makeHosts(3)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .join("A", "r"))
        await all[1].receive(try .emit("seen"))
        await all.settle()
        all[0].backplane.hang()
        await all[1].receive(try .claim("A", offset(0)))
        await all[2].receive(try .claim("A", offset(0)))
        await all.settle()
        let end = all.loop.now + all.patience
        for host in all.hosts.dropFirst() { await host.hub.expireSessionQuestions(at: end) }
        #expect(all[1].backplane.waitingCommands == ["take"] && all[2].backplane.waitingCommands == [])
        await all.settle()
        #expect(all.events(1).count { $0.hasPrefix("A/\(firstTaken) back in r") } == 1, "\(all.events(1))")
        #expect(all.events(1).last == "A lost \(firstTaken)")
        #expect(all.events(2).last?.hasPrefix("A/\(firstTaken + 1) back in r") == true, "\(all.events(2))")
        #expect(await all[1].hub.machine.sessions.isEmpty)
    }

    @Test("a session of an official server, with and without the log of this host", arguments: [false, true])
    func official(hasLog: Bool) async throws {
        let all = try await makeHosts(2)
        defer { all.end() }
        let (id, secret) = (try SessionID("A" as Character), try SessionID("a" as Character))
        await all[1].receive(try .emit("seen"), try .emit("x", to: ["r"]), try .emit("other", to: ["s"]))
        await all.settle()
        let session = StreamSession(
            id: id.description, privateID: secret.description, rooms: [id.description, "r"], data: MixedValue(.null))
        all.broker.withKeys { $0.write(secret, session.encoded, until: .now + .seconds(100)) }
        if !hasLog { all[0].backplane.deliveryStart.withLock { $0 = EntryID(milliseconds: .max, sequence: 0) } }
        await all[0].receive(try .claim("A", offset(0)))
        await all.settle()
        #expect(all.events(0).last?.hasPrefix("A/\(firstTaken) back in r") == true)
        #expect(missed(all.events(0).last) == "x")
    }

    @Test("a session is lost if entries after the client's last one are gone")
    func trimmed() async throws {
        let all = try await makeHosts(3)
        defer { all.end() }
        try await loseHost(all)
        await all[1].receive(try .emit("x"), try .emit("y"))
        await all.settle()
        all.broker.withKeys { keys in
            keys.trim(before: EntryID(milliseconds: Self.start.milliseconds + 1, sequence: 0))
        }
        all[2].backplane.deliveryStart.withLock { $0 = EntryID(milliseconds: .max, sequence: 0) }
        await all[2].receive(try .claim("A", offset(0)))
        await all.settle()
        #expect(all.events(2).last == "refused")
        let secret = try SessionID("a" as Character)
        let kept = all.broker.withKeys { $0.session(secret, at: .now) }
        #expect(kept == nil)
    }

    @Test("a host that is behind the session's earlier one reads on before it restores the session")
    func behind() async throws {
        let all = try await makeHosts(3)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .join("A", "r"))
        await all[1].receive(try .change(.join(["s"]), to: ["r"]))
        await all[1].receive(try .emit("x", to: ["s"]))
        await all.settle()
        all[0].backplane.leave()
        let secret = try SessionID("a" as Character)
        let found = all.broker.withKeys { $0.session(secret, at: .now) }
        let value = try #require(found)
        #expect(value.rooms.count == 3)
        // The value says more than the third host knows.
        let places = try #require(value.places)
        let ahead = try #require(
            EntryID(milliseconds: Self.start.milliseconds + 50, sequence: 0).position)
        let later = StreamSession(
            id: value.id, privateID: value.privateID, rooms: value.rooms, data: value.data,
            places: SessionPlaces(
                namespace: "/", group: nil, ownerEpoch: 0, startRow: 0, position: ahead,
                registeredAt: places.registeredAt, joins: places.joins, stays: [], forgottenUpTo: 0, inherited: nil,
                offsetBefore: nil, host: "one", counter: 7))
        all.broker.withKeys { $0.write(secret, later.encoded, until: .now + .seconds(100)) }
        await all[2].receive(try .claim("A", nil))
        await all.settle()
        #expect(!all.events(2).contains { $0.hasPrefix("A/") })
        all.broker.continueAt(EntryID(milliseconds: Self.start.milliseconds + 60, sequence: 0))
        await all[1].receive(try .emit("y", to: ["r"]))
        await all.settle()
        #expect(all.events(2).last?.hasPrefix("A/\(firstTaken) back in r,s") == true)
        #expect(missed(all.events(2).last) == "x y")
    }

    @Test("an offset from before the session, which its host had not reached, does not resume it")
    func offsetAhead() async throws {
        let all = try await makeHosts(3)
        defer { all.end() }
        for letter in "AB" { await all[0].receive(try .register(letter, after: offset(2))) }
        await all[1].receive(try .emit("seen"))
        await all.settle()
        all[0].backplane.leave()
        all.broker.continueAt(EntryID(milliseconds: Self.start.milliseconds + 2, sequence: 0))
        await all[1].receive(try .emit("x"))
        await all.settle()
        await all[2].receive(try .claim("A", offset(2)))
        await all.settle()
        #expect(all.events(2).last == "refused")
        await all[2].receive(try .claim("B", offset(0)))
        await all.settle()
        #expect(missed(all.events(2).last) == "x")
    }
}
