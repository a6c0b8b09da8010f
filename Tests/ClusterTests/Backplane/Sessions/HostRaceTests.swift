import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Several hubs: races for a session")
struct HostRaceTests {
    /// The number of hosts that have a session, connected or lost.
    private func owners(_ all: HubHosts) async -> Int {
        var count = 0
        for host in all.hosts { count += await host.hub.machine.sessions.count }
        return count
    }

    @Test("two hosts that ask at once: the last one ends with the session")
    func twoAskers() async throws {
        let all = try await HubHosts(3)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .lose("A"))
        await all[1].receive(try .claim("A", nil))
        await all[2].receive(try .claim("A", nil))
        await all.deliver()
        #expect(all.events(1) == ["A/1 back from 0 @1:", "A lost 1"])
        #expect(all.events(2) == ["A/2 back from 0 @1:"])
        #expect(await owners(all) == 1)
    }

    @Test("the owner's host asks again while the session is on its way")
    func ownerAsks() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .lose("A"))
        await all[1].receive(try .claim("A", nil))
        await all.deliver(1)
        // The claim waits for the cut.
        await all[0].receive(try .claim("A", nil))
        #expect(all.events(0) == [])
        await all.deliver()
        #expect(all.events(1) == ["A/1 back from 0 @1:", "A lost 1"])
        #expect(all.events(0) == ["A/2 back from 0 @1:"])
        #expect(await owners(all) == 1)
    }

    @Test("two claims of one session at the asking host are answered in order")
    func twoClaims() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .lose("A"))
        let link = FakeLink()
        let second = await all[1].hub.attach(link)
        await all[1].receive(try .claim("A", nil))
        let claim = try HubRequest.claim("A", nil)
        await all[1].hub.receive([claim], from: second)
        await all.deliver()
        #expect(all.events(1) == ["A/1 back from 0 @1:", "A lost 1"])
        #expect(link.events.last == "A/2 back from 0 @1:")
    }

    @Test("a session that arrives too late waits for the next claim")
    func late() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .lose("A"), try .emit("x"))
        await all.deliver()
        await all[1].receive(try .claim("A", nil))
        await all.deliver(2)
        await all[1].hub.expireSessionQuestions(at: all.loop.now + all.patience)
        #expect(all.events(1) == ["refused"])
        await all.deliver()
        #expect(await owners(all) == 1)
        await all[1].receive(try .claim("A", nil))
        #expect(all.events(1).last == "A/1 back from 0 @2: x@one.1")
        #expect(all.broker.waiting == [])
    }

    /// The second host has asked the first one for the session of A, and has refused the client before its answer.
    private func askedInVain() async throws -> HubHosts {
        let all = try await HubHosts(3)
        await all[0].receive(try .register("A"), try .lose("A"), try .emit("x"))
        await all.deliver()
        await all[1].receive(try .claim("A", nil))
        await all.deliver(1)
        await all[1].hub.expireSessionQuestions(at: all.loop.now + all.patience)
        #expect(all.events(1) == ["refused"])
        return all
    }

    @Test("a host that asks while the session is on its way to an earlier asker, which no longer waits, asks again")
    func askedAgain() async throws {
        let all = try await askedInVain()
        defer { all.end() }
        await all[2].receive(try .claim("A", nil))
        // The owner gives the session behind this question. Neither host has it when the question comes.
        await all.deliver()
        #expect(all.events(2) == ["A/1 back from 0 @2: x@one.1"])
        #expect(await owners(all) == 1)
        #expect(all.broker.waiting == [])
    }

    @Test("a client that comes back to an earlier asker, while a later one asks, gets its session there")
    func backToEarlierAsker() async throws {
        let all = try await askedInVain()
        defer { all.end() }
        await all[2].receive(try .claim("A", nil))
        await all[1].receive(try .claim("A", nil))
        await all.deliver()
        #expect(all.events(1) == ["refused", "A/1 back from 0 @2: x@one.1"])
        #expect(all.events(2) == ["refused"])
        #expect(await owners(all) == 1)
    }

    @Test("a worker that goes while its host asks leaves the session to the next claim")
    func claimantGoes() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .lose("A"))
        let gone = await all[1].hub.attach(FakeLink())
        let claim = try HubRequest.claim("A", nil)
        await all[1].hub.receive([claim], from: gone)
        await all[1].hub.detach(gone)
        await all.deliver()
        await all[1].receive(claim)
        #expect(all.events(1) == ["A/1 back from 0 @1:"])
    }

    @Test(
        "a gap or an outage ends the question", arguments: [.gap, .disconnected(reason: "gone")] as [BackplaneDelivery])
    func outage(_ delivery: BackplaneDelivery) async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .lose("A"))
        await all[1].receive(try .claim("A", nil))
        await all.deliver(2)
        let two = all[1]
        await all.run { two.backplane.deliver(delivery) }
        #expect(all.events(1) == ["refused"])
        await all.deliver()
        await all[1].receive(try .claim("A", nil))
        await all.deliver()
        #expect(await two.hub.status.sessions == 0)
    }

    @Test("a gap after the arrival: the session is not recovered")
    func gapAfterwards() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .lose("A"))
        await all[1].receive(try .claim("A", nil))
        await all.deliver()
        let two = all[1]
        await two.receive(try .lose("A", epoch: 1))
        await all.run { two.backplane.deliver(.gap) }
        await two.receive(try .claim("A", nil))
        await all.deliver()
        #expect(all.events(1) == ["A/1 back from 0 @1:", "refused"])
    }

    @Test("an owner that loses its connection before the cut comes back keeps the session", arguments: [true, false])
    func lostCut(isConnected: Bool) async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        let one = all[0]
        await one.receive(try .register("A"))
        if !isConnected { await one.receive(try .lose("A")) }
        await all[1].receive(try .claim("A", nil))
        await all.deliver(1)
        await all.run { one.backplane.deliver(.disconnected(reason: "gone")) }
        await all.deliver()
        await all[1].hub.expireSessionQuestions(at: all.loop.now + all.patience)
        #expect(all.events(1) == ["refused"])
        #expect(await owners(all) == 1)
        guard !isConnected else { return }
        // Its client was away when the outage began, so events of other hosts may be missing.
        await one.receive(try .claim("A", nil))
        #expect(one.events == ["refused"])
    }

    @Test("a dead owner is not waited for, one that hangs only for a time", arguments: [true, false])
    func ownerGone(isDead: Bool) async throws {
        let all = try await HubHosts(3)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .lose("A"))
        if isDead { all[0].backplane.leave() }
        await all[1].receive(try .claim("A", nil))
        if !isDead {
            let (two, three) = (all[1], all[2])
            // The question reaches the others only.
            let asked = try #require(all.broker.takeFirst())
            await all.run {
                two.backplane.deliver(.returned(asked.number))
                three.backplane.deliver(.received(asked.message, row: nil))
                if case .host(let message) = asked.message {
                    two.backplane.deliver(.hostsCounted(message, others: 2))
                }
            }
            await all.deliver()
            #expect(all.events(1) == [])
            await two.hub.expireSessionQuestions(at: all.loop.now + all.patience)
        }
        await all.deliver()
        #expect(all.events(1) == ["refused"])
    }

    @Test("an owner whose link is slow keeps its session until what it had sent is handled")
    func slowOwner() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        let (one, two) = (all[0], all[1])
        let slow = HubDrainTests.Link(isSlow: true)
        let owner = await one.hub.attach(slow)
        let registration = try HubRequest.register("A")
        await one.hub.receive([registration], from: owner)
        await two.receive(try .claim("A", nil))
        await all.deliver()
        #expect(all.broker.waiting == [])
        await two.receive(try .emit("x"))
        await all.deliver()
        let requests = [
            try HubRequest.join("A", "late"), try .emit("y", by: "A"),
            try .emit("direct", to: [SessionID("A").description]),
        ]
        await one.hub.receive(requests, from: owner)
        await one.hub.drained(owner)
        // The cut waits for the event on its way, behind which the direct one waits.
        #expect(all.broker.waiting == ["other"])
        await all.deliver()
        #expect(all.events(1) == ["A/1 back in late from 0 @3: x@one.1 y@one.2 direct@one.3"])
        #expect(slow.words.last == "A lost 0")
    }

    @Test("only a limited number of sessions is on the way at a time")
    func limits() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        let letters = "ABCDEFGHIJKLMNOPQRSTUVW"
        for letter in letters { await all[0].receive(try .register(letter), try .lose(letter)) }
        let claims = try letters.map { try HubRequest.claim($0, nil) }
        await all[1].hub.receive(claims, from: all[1].worker)
        #expect(all.broker.waiting == ["ask 23"])
        await all.deliver(1)
        #expect(all.broker.waiting == ["cut 16"])
        await all.deliver()
        #expect(all.events(1).count { $0.contains("back") } == letters.count)
        #expect(await all[0].hub.machine.sessions.isEmpty)
    }

    @Test("a session that was not asked for is ignored, one that exists is not replaced")
    func uninvited() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        let inherited = InheritedEvents(epoch: "one", position: 0, beginsWithSession: true, events: [])
        let session = MovingSession(
            id: try SessionID("A"), privateID: try SessionID("a" as Character), ownerEpoch: 0, group: nil, rooms: [],
            data: nil, startRow: 0, inherited: inherited)
        let two = all[1]
        let name = QuestionName(host: "two", number: 1)
        let gift = HostMessage(.give(name, session), in: "/")
        await all.run { two.backplane.deliver(.received(.host(gift), row: nil)) }
        #expect(await two.hub.machine.sessions.isEmpty)
        // Asked for, but without a cut.
        await two.receive(try .claim("A", nil))
        await all.run { two.backplane.deliver(.received(.host(gift), row: nil)) }
        #expect(await two.hub.machine.sessions.isEmpty)
        await all.deliver()
        #expect(all.events(1) == ["refused"])
    }
}
