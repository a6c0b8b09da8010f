import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Several hubs: a client resumes its session at another host")
struct HostRecoveryTests {
    private func emit(_ text: String, _ host: HubHost, to rooms: [String] = []) async throws {
        await host.receive(try .emit(text, to: rooms))
    }

    @Test("the session moves with its rooms, its data and the missed events, before and after the cut")
    func moves() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        let (one, two) = (all[0], all[1])
        await one.receive(
            try .register("A"), try .join("A", "r"), .setData(try SessionKey("A"), try JSONText(validating: [0x37])))
        try await emit("x", two)
        await all.deliver()
        await one.receive(try .lose("A"))
        try await emit("y", two, to: ["r"])
        try await emit("other", two, to: ["s"])
        await all.deliver()
        await two.receive(try .claim("A", "one.1"))
        #expect(all.broker.waiting == ["ask 1"])
        await all.deliver(1)
        #expect(all.broker.waiting == ["cut 1"])
        try await emit("z", one, to: ["r"])
        await all.deliver(1)
        #expect(all.broker.waiting == ["other", "give A"])
        await all.deliver()
        #expect(all.events(1).last == "A/1 back in r from 0 @5: y@one.2 z@5")
        #expect(await one.hub.status.lostSessions == 0)
        try await emit("live", one, to: ["r"])
        await all.deliver()
        #expect(all.events(1).last == "event live @6")
        let fetched = await two.hub.machine.sessions.values.compactMap(\.data).map(\.description)
        #expect(fetched == ["7"])
    }

    @Test("changes between the cut and the arrival are carried out once, at their places")
    func changesOnTheWay() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        let (one, two) = (all[0], all[1])
        await one.receive(try .register("A"), try .join("A", "r"), try .lose("A"))
        await two.receive(try .claim("A", nil))
        await one.receive(try .change(.join(["early"]), to: ["r"]))
        await all.deliver(2)
        #expect(all.broker.waiting == ["cut 1"])
        await two.receive(
            try .emit("not yet", to: ["s"]), try .change(.join(["s"]), to: ["r"]), try .emit("now", to: ["s"]),
            try .change(.leave(["r"]), to: ["s"]), try .emit("not any more", to: ["r"]))
        await all.deliver()
        #expect(all.events(1).last == "A/1 back in early,s from 0 @4: now@3")
    }

    @Test("a session that is disconnected on its way does not arrive")
    func disconnectedOnTheWay() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .lose("A"))
        await all[1].receive(try .claim("A", nil))
        await all.deliver(1)
        await all[0].receive(try .change(.disconnect(close: false), to: [SessionID("A").description]))
        await all.deliver()
        #expect(all.events(1) == ["refused"])
    }

    @Test("a live client loses its session, and its later requests are stale")
    func live() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        let (one, two) = (all[0], all[1])
        await one.receive(try .register("A"), try .join("A", "r"))
        await two.receive(try .claim("A", nil))
        await all.deliver(1)
        let own = try SessionID("A").description
        await one.receive(try .emit("direct", to: [own], by: "A"), try .join("A", "late"))
        await all.deliver()
        #expect(all.events(0) == ["A joined r", "event direct @1", "A emitted", "A joined late", "A lost 0"])
        #expect(all.events(1).last == "A/1 back in late,r from 0 @1: direct@one.1")
        await one.receive(try .emit("stale", by: "A"), try .join("A", "stale"))
        await all.deliver()
        #expect(all.events(1).count == 1)
        #expect(all.events(0).last == "A emitted")
    }

    @Test("what its owner sends directly to the socket after the cut reaches its new host")
    func directEvents() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        let (one, two) = (all[0], all[1])
        let own = try SessionID("A").description
        await one.receive(try .register("A"), try .register("B"))
        await two.receive(try .claim("A", nil))
        await all.deliver(1)
        // The direct event waits for an event that comes back behind the cut.
        await one.receive(try .emit("x", by: "B"), try .emit("waited", to: [own], by: "B"))
        await all.deliver(1)
        await one.receive(try .emit("sent", to: [own]))
        await all.deliver()
        #expect(all.events(1) == ["A/1 back from 0 @2: x@2", "event sent @3", "event waited @4"])
    }

    @Test("an unknown session is refused when every other host has answered")
    func unknown() async throws {
        let all = try await HubHosts(3)
        defer { all.end() }
        await all[1].receive(try .claim("A", "one.1"))
        await all.deliver(2)
        #expect(all.events(1) == [])
        await all.deliver()
        #expect(all.events(1) == ["refused"])
        #expect(all.broker.waiting == [])
    }

    @Test("a single host refuses an unknown session at once")
    func alone() async throws {
        let all = try await HubHosts(1)
        defer { all.end() }
        await all[0].receive(try .claim("A", nil))
        await all.deliver()
        #expect(all.events(0) == ["refused"])
    }

    @Test("without a backplane for it, or without shared rows, no host is asked", arguments: [false, true])
    func notShared(carriesHostMessages: Bool) async throws {
        let store = carriesHostMessages ? FakeStore() : nil
        let all = try await HubHosts(2, carriesHostMessages: carriesHostMessages, store: store)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .lose("A"))
        await all[1].receive(try .claim("A", nil))
        #expect(all.events(1) == ["refused"] && all.broker.waiting == [])
    }

    @Test("the session of another namespace is not the one that is claimed")
    func namespaces() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .register("B", in: "/n"))
        await all.deliver()
        await all[0].receive(try .lose("A"), try .lose("B"))
        await all[1].receive(try .claim("A", nil, in: "/n"), try .claim("B", nil, in: "/n"), try .claim("A", nil))
        #expect(all.broker.waiting == ["ask 1", "ask 2"])
        await all.deliver()
        #expect(all.events(1).sorted() == ["A/1 back from 0 @2:", "B/1 back from 0 @2:", "refused"])
    }

    @Test("a client that comes back with the offset that it had when it left misses nothing")
    func backWithAnOldOffset() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        let (one, two) = (all[0], all[1])
        await one.receive(try .register("A"))
        try await emit("x", one)
        await all.deliver()
        await one.receive(try .lose("A"))
        await two.receive(try .claim("A", "one.1"))
        await all.deliver()
        // It stays at its host, because the socket is there.
        try await emit("direct", two, to: [try SessionID("A").description])
        await one.receive(try .claim("A", "one.1"))
        await all.deliver()
        let answer = try #require(all.events(0).last)
        #expect(answer.hasPrefix("A/2 back") && answer.contains(" direct@two."))
    }

    @Test("a client that lost its connection before it read anything misses nothing at any host")
    func unread() async throws {
        let all = try await HubHosts(3)
        defer { all.end() }
        await all[0].receive(try .register("A"))
        try await emit("a", all[1])
        await all.deliver()
        await all[0].receive(try .lose("A"))
        try await emit("b", all[1])
        await all.deliver()
        for (host, epoch) in [(1, 1), (2, 2), (0, 3), (1, 4), (1, 5)] as [(Int, UInt32)] {
            await all[host].receive(try .claim("A", "one.1"))
            await all.deliver()
            #expect(all.events(host).last?.hasPrefix("A/\(epoch) back") == true)
            await all[host].receive(try .lose("A", epoch: epoch))
            try await emit("\(epoch)", all[1])
            await all.deliver()
        }
        await all[2].receive(try .claim("A", "one.1"))
        await all.deliver()
        #expect(
            all.events(2).last
                == "A/6 back from 0 @9: b@one.2 1@two.4 2@three.5 3@one.6 4@two.8 5@two.9")
        // An offset of the middle, and one of the new host.
        await all[2].receive(try .lose("A", epoch: 6), try .claim("A", "three.5"))
        #expect(all.events(2).last == "A/7 back from 0 @9: 3@one.6 4@two.8 5@two.9")
        try await emit("c", all[1])
        await all.deliver()
        await all[2].receive(try .lose("A", epoch: 7), try .claim("A", "three.10"))
        #expect(all.events(2).last == "A/8 back from 0 @10:")
        await all[2].receive(try .lose("A", epoch: 8), try .claim("A", "three.5"))
        #expect(all.events(2).last == "refused", "the events of its earlier hosts were received and forgotten")
    }

    @Test("a host in between without events knows its offsets, also when the session is back there")
    func offsetOfQuietHost() async throws {
        let all = try await HubHosts(3)
        defer { all.end() }
        let (one, two, three) = (all[0], all[1], all[2])
        await one.receive(try .register("A"))
        try await emit("x", three)
        await all.deliver()
        await two.receive(try .claim("A", "one.1"))
        await all.deliver()
        #expect(all.events(1).last == "A/1 back from 0 @2:")
        // A late claim of an earlier connection takes the session to another host.
        await three.receive(try .claim("A", "one.1"))
        await all.deliver()
        try await emit("y", one)
        await all.deliver()
        #expect(all.events(2).suffix(2) == ["A/2 back from 0 @2:", "event y @3"])
        // The client has a stored message from the quiet host, and comes back at each host with its offset.
        for (host, epoch) in [(0, 3), (1, 4), (2, 5)] {
            await all[host].receive(try .claim("A", "two.2.7"))
            await all.deliver()
            #expect(all.events(host).last?.hasPrefix("A/\(epoch) back from 0 ") == true, "\(all.events(host))")
            #expect(all.events(host).last?.hasSuffix(": y@three.3") == true, "\(all.events(host))")
        }
    }
}
