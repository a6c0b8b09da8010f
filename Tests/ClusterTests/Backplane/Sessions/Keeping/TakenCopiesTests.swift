import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Sessions that a host has taken from the broker, and not written")
struct TakenCopiesTests {
    private static let start = EntryID(milliseconds: 1_700_000_100_000, sequence: 0)

    private func makeHosts(hasLog: Bool = true) async throws -> HubHosts {
        try await HubHosts.taking(from: Self.start, hasLog: hasLog)
    }

    /// What the broker has: the number of values, and that of copies.
    private func kept(_ all: HubHosts) -> [Int] { all.broker.withKeys { [$0.values.count, $0.copies.count] } }

    @Test("another host takes a session of one that dies before it has written the session")
    func deadTaker() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await all.run { [all] in all.broker.carryOutCommands() }
        #expect(all.hasResumed())
        all[2].backplane.leave()
        await all[1].receive(try .claim("A", Self.start.description))
        await all.settle()
        #expect(all.hasResumed(at: 1), "\(all.events(1))")
    }

    @Test("a host that hangs before it has written the session finds out that another one has taken it")
    func hangingTaker() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await all.run { [all] in all.broker.carryOutCommands() }
        let secret = try SessionID("a" as Character)
        let take = SessionCommand(.take(secret, by: "another", copyLife: .seconds(30)))
        let answer = all.broker.withKeys { $0.carryOut(take, at: .now) }
        #expect(answer != SessionAnswer(.value(nil)))
        await all.settle()
        #expect(all.events(2).last == "A lost \(firstTaken)")
        let kept = all.broker.withKeys { ($0.values.count, $0.copies[secret]?.host) }
        #expect(kept == (0, "another"))
    }

    @Test("a session that ends before its host has written it leaves no copy")
    func endedAtOnce() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await all.run { [all] in all.broker.carryOutCommands() }
        #expect(all.hasResumed())
        await all[2].receive(.unregister(try SessionKey("A", epoch: firstTaken)))
        await all.settle()
        let left = all.broker.withKeys { $0.values.count + $0.copies.count }
        #expect(left == 0)
    }

    @Test("a session that cannot be restored leaves no copy", arguments: [false, true])
    func disconnected(hasLog: Bool) async throws {
        let all = try await makeHosts(hasLog: hasLog)
        defer { all.end() }
        await all[1].receive(try .change(.disconnect(close: false), to: ["r"]))
        await all.settle()
        #expect(all.events(2).last == "refused")
        #expect(kept(all) == [0, 0])
    }

    @Test("a session that another host has taken over and ended is not resumed")
    func endedElsewhere() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        let secret = try SessionID("a" as Character)
        let bytes = Array("value of another".utf8)
        let own = ExpectedValue(of: "another", digests: [SessionDigest(of: bytes)], mayBeAbsent: false)
        await all.run { [all] in
            guard let (command, number) = all[2].backplane.takeCommand() else { return }
            let answer = all.broker.withKeys { $0.carryOut(command, at: .now) }
            let contents: [SessionCommand.Content] = [
                .take(secret, by: "another", copyLife: .seconds(30)),
                .write(secret, bytes, over: own, life: .seconds(100)), .remove(secret, own),
            ]
            for content in contents {
                _ = all.broker.withKeys { $0.carryOut(SessionCommand(content), at: .now) }
            }
            all[2].backplane.deliver(.kept(number, answer))
        }
        await all.settle()
        #expect(all.events(2).last == "refused", "\(all.events(2))")
        #expect(kept(all) == [0, 0])
    }

    @Test("a host that leaves while it takes a session leaves the copy to others", arguments: [false, true])
    func leaving(hasWorker: Bool) async throws {
        let all = try await makeHosts(hasLog: false)
        defer { all.end() }
        await all.run { [all] in all.broker.carryOutCommands(1) }
        #expect(all[2].backplane.waitingCommands == ["read"])
        let host = all[2]
        if !hasWorker { await host.hub.detach(host.worker) }
        await all[1].receive(try .claim("A", Self.start.description))
        await all.deliver()
        await all.loop.startTask { await host.hub.leaveOthers() }.value
        await all.run { [all] in
            while let (command, _) = all[2].backplane.takeCommand() {
                _ = all.broker.withKeys { $0.carryOut(command, at: .now) }
            }
        }
        host.backplane.leave()
        await all.settle()
        #expect(all.hasResumed(at: 1), "\(all.events(1))")
    }

    @Test("a session that nobody waits for any more stays for the client's next host")
    func abandoned() async throws {
        let all = try await HubHosts(3, keepsMessages: true, keepsSessions: true)
        defer { all.end() }
        all.broker.continueAt(Self.start)
        await all[0].receive(try .register("A"), try .join("A", "r"))
        await all[1].receive(try .emit("seen"))
        await all.settle()
        // A session that has moved cannot be restored without the client's offset.
        await all[1].receive(try .claim("A", Self.start.description))
        await all.settle()
        all[1].backplane.leave()
        await all[2].receive(try .claim("A", Self.start.description))
        await all.deliver()
        #expect(all[2].backplane.waitingCommands == ["take"])
        await all[2].hub.detach(all[2].worker)
        await all.settle()
        #expect(kept(all) == [0, 1])
        await all[0].receive(try .claim("A", Self.start.description))
        await all.settle()
        #expect(all.events(0).last?.contains(" back in r ") == true, "\(all.events(0))")
    }

    @Test("a session whose take the broker refuses stays at the broker")
    func refused() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await all.run { [all] in
            guard let (_, number) = all[2].backplane.takeCommand() else { return }
            all[2].backplane.deliver(.kept(number, SessionAnswer(.failed(reason: "OOM"))))
        }
        await all.settle()
        #expect(all.events(2).last == "refused")
        #expect(kept(all) == [1, 0])
    }
}
