import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("A connection that ends while a session is taken from the broker")
struct InterruptedTakesTests {
    private static let start = EntryID(milliseconds: 1_700_000_100_000, sequence: 0)

    private func makeHosts(hasLog: Bool = true) async throws -> HubHosts {
        try await HubHosts.taking(from: Self.start, hasLog: hasLog)
    }

    private func disconnect(_ all: HubHosts, carryingOut count: Int) async {
        await all.run { [all] in all.broker.disconnect(all[2].backplane, carryingOut: count) }
    }

    private func reconnect(_ all: HubHosts) async {
        await all.run { [all] in all.broker.reconnect(all[2].backplane) }
    }

    private func isResumed(_ all: HubHosts, at index: Int = 2) -> Bool { all.hasResumed(at: index) }

    @Test("a session is found whose value was taken without an answer, or not taken", arguments: [0, 1])
    func lostAnswer(carriedOut: Int) async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await disconnect(all, carryingOut: carriedOut)
        await reconnect(all)
        #expect(!all.events(2).contains("refused"))
        await all.settle()
        #expect(isResumed(all), "\(all.events(2))")
        // It is an ordinary session of this host, and its copy is gone.
        let secret = try SessionID("a" as Character)
        let (host, copies) = all.broker.withKeys { ($0.session(secret, at: .now)?.places?.host, $0.copies.count) }
        #expect(host == "three" && copies == 0)
    }

    @Test("the connection ends twice")
    func twice() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await disconnect(all, carryingOut: 1)
        await reconnect(all)
        await all.deliver()
        #expect(all[2].backplane.waitingCommands == ["take"])
        await disconnect(all, carryingOut: 1)
        await reconnect(all)
        await all.settle()
        #expect(isResumed(all), "\(all.events(2))")
    }

    @Test("the client comes to the same host again before there is a connection")
    func again() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await disconnect(all, carryingOut: 1)
        await all[2].receive(try .claim("A", Self.start.description))
        #expect(!all.events(2).contains("refused"))
        await reconnect(all)
        await all.settle()
        #expect(isResumed(all), "\(all.events(2))")
        #expect(all.events(2).contains { $0.hasPrefix("A/\(firstTaken + 1) back") })
    }

    @Test("another host takes a session whose value was taken by one that is gone")
    func otherHost() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await disconnect(all, carryingOut: 1)
        await all[1].receive(try .claim("A", Self.start.description))
        await all.settle()
        #expect(isResumed(all, at: 1), "\(all.events(1))")
        await reconnect(all)
        await all.settle()
        // The client's claim at the former host is answered too, by a question to the other one.
        #expect(all.events(2).contains { $0.hasPrefix("A/\(firstTaken + 1) back in r ") }, "\(all.events(2))")
        let counts = [await all[1].hub.machine.sessions.count, await all[2].hub.machine.sessions.count]
        #expect(counts == [0, 1])
    }

    @Test("a session that another host has got meanwhile comes from there")
    func takenByOther() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await disconnect(all, carryingOut: 0)
        await all[1].receive(try .claim("A", Self.start.description))
        await all.settle()
        #expect(isResumed(all, at: 1), "\(all.events(1))")
        await reconnect(all)
        await all.settle()
        #expect(all.events(2).contains { $0.hasPrefix("A/\(firstTaken + 1) back in r ") }, "\(all.events(2))")
        #expect(all.events(1).last == "A lost \(firstTaken)")
        let counts = [await all[1].hub.machine.sessions.count, await all[2].hub.machine.sessions.count]
        #expect(counts == [0, 1])
    }

    @Test("an earlier host whose value was taken unconfirmed does not keep the session")
    func earlierHost() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        let secret = try SessionID("a" as Character)
        await disconnect(all, carryingOut: 1)
        // It does not know whether its value was ever written.
        let check = SessionCommand(.check(secret, ExpectedValue(of: "one")))
        let answer = all.broker.withKeys { $0.carryOut(check, at: .now) }
        #expect(answer == SessionAnswer(.taken))
        await reconnect(all)
        await all.settle()
        #expect(isResumed(all))
    }

    @Test("the history is read on, on the next connection", arguments: [0, 1])
    func history(carriedOut: Int) async throws {
        let all = try await makeHosts(hasLog: false)
        defer { all.end() }
        await all.run { [all] in all.broker.carryOutCommands(1) }
        #expect(all[2].backplane.waitingCommands == ["read"])
        await disconnect(all, carryingOut: carriedOut)
        await reconnect(all)
        await all.settle()
        #expect(isResumed(all), "\(all.events(2))")
    }

    @Test("nothing waits for a broker without which this host continues alone")
    func cutOff() async throws {
        let all = try await makeHosts(hasLog: false)
        defer { all.end() }
        await all.run { [all] in all.broker.carryOutCommands(1) }
        await disconnect(all, carryingOut: 0)
        #expect(!all.events(2).contains("refused"))
        await all[2].hub.expireMessages(at: .now + .seconds(7200))
        #expect(all.events(2).last == "refused")
    }

    @Test("a limited number of takes is remembered for a limited time")
    func interruptions() throws {
        var takes = SessionTakes()
        let (now, count) = (ContinuousClock.now, SessionTakes.maxInterrupted + 5)
        var random = SystemRandomNumberGenerator()
        let secrets = (0..<count).map { _ in SessionID(using: &random) }
        let take = { (secret: SessionID) in
            SessionTakes.Take(
                namespace: "/", privateID: secret, claims: [], later: [], deadline: now + .seconds(10))
        }
        for (number, secret) in secrets.enumerated() { takes.begin(take(secret), as: UInt64(number)) }
        #expect(takes.connectionEnded(remembering: .seconds(5)).map(\.privateID) == secrets)
        #expect(takes.count == 0)
        #expect(secrets.count { takes.mayHaveTaken($0) } == SessionTakes.maxInterrupted)
        takes.begin(take(secrets[1]), as: 0)
        #expect(!takes.mayHaveTaken(secrets[1]))
        _ = takes.expire(at: now + .milliseconds(14_999))
        #expect(takes.mayHaveTaken(secrets[0]))
        _ = takes.expire(at: now + .seconds(15))
        #expect(!secrets.contains { takes.mayHaveTaken($0) })
    }
}
