import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Sessions that move between hosts, with their values at the broker")
struct MovesWithValuesTests {
    private static let start = EntryID(milliseconds: 1_700_000_100_000, sequence: 0)

    /// The offset of a client that has the event which ``makeHosts()`` has emitted.
    private var offset: String { Self.start.description }

    /// Three hosts, the first of which has a session.
    private func makeHosts() async throws -> HubHosts {
        let all = try await HubHosts(3, keepsMessages: true, keepsSessions: true)
        all.broker.continueAt(Self.start)
        await all[0].receive(try .register("A"), try .join("A", "r"))
        await all[1].receive(try .emit("seen"))
        await all.settle()
        return all
    }

    /// The hosts that have the session.
    private func owners(_ all: HubHosts) async -> [Int] {
        var owners: [Int] = []
        for (index, host) in all.hosts.enumerated() where await !host.hub.machine.sessions.isEmpty {
            owners.append(index)
        }
        return owners
    }

    /// The host whose value the broker keeps.
    private func writer(_ all: HubHosts) throws -> String? {
        let secret = try SessionID("a" as Character)
        return all.broker.withKeys { $0.session(secret, at: .now)?.places?.host }
    }

    /// The second host asks for the session, and stops waiting. The first one has given it, and the session is on its
    /// way.
    private func giveTooLate(_ all: HubHosts) async throws {
        await all[1].receive(try .claim("A", offset))
        await all.deliver()
        await all.run { [all] in all.broker.carryOutCommands() }
        // The cut arrives, and the session is published.
        await all.deliver(1)
        #expect(await owners(all) == [])
        let end = all.loop.now + all.patience
        await all[1].hub.expireSessionQuestions(at: end)
        #expect(all[1].backplane.waitingCommands == ["take"])
    }

    @Test("a session survives the death of both hosts between which it moves", arguments: [false, true])
    func bothDie(hasArrived: Bool) async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await all[0].receive(try .emit("x", to: ["r"]))
        await all.settle()
        await all[1].receive(try .claim("A", offset))
        await all.deliver()
        await all.run { [all] in all.broker.carryOutCommands() }
        await all.deliver(hasArrived ? .max : 1)
        #expect(await owners(all) == (hasArrived ? [1] : []))
        for index in 0...1 { all[index].backplane.leave() }
        await all[2].receive(try .claim("A", offset))
        await all.settle()
        let answer = try #require(all.events(2).last)
        #expect(answer.hasPrefix("A/\(firstTaken) back in r ") && answer.contains(" x@"), "\(answer)")
        #expect(try writer(all) == "three")
    }

    @Test("a host does not resume a session that it is given, if a third one has taken it")
    func takenMeanwhile() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await all[1].receive(try .claim("A", offset))
        await all.deliver()
        await all.run { [all] in all.broker.carryOutCommands() }
        let secret = try SessionID("a" as Character)
        let take = SessionCommand(.take(secret, by: "another", copyLife: .zero))
        let taken = all.broker.withKeys { $0.carryOut(take, at: .now) }
        #expect(taken != SessionAnswer(.value(nil)))
        await all.settle()
        // It has asked again, and has taken the session from the third one, which has not written it.
        let answers = all.events(1).filter { $0.hasPrefix("A/") }
        #expect(answers.count == 1 && answers[0].hasPrefix("A/\(firstTaken) back in r "), "\(all.events(1))")
        #expect(await owners(all) == [1])
    }

    @Test("a session that comes too late was taken from the broker, and is there once")
    func late() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        try await giveTooLate(all)
        await all.run { [all] in all.broker.carryOutCommands() }
        #expect(await owners(all) == [1])
        await all.settle()
        #expect(all.events(1).count { $0.hasPrefix("A/\(firstTaken) back in r ") } == 1, "\(all.events(1))")
        #expect(await owners(all) == [1])
        #expect(try writer(all) == "two")
    }

    @Test("a session that comes too late and cannot be restored does not come back without its value")
    func lateAndNotRestored() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await all[2].receive(try .emit("x"), try .emit("y"))
        await all.settle()
        all[1].backplane.deliveryStart.withLock { $0 = EntryID(milliseconds: .max, sequence: 0) }
        all.broker.withKeys { $0.trim(before: EntryID(milliseconds: Self.start.milliseconds + 1, sequence: 0)) }
        try await giveTooLate(all)
        await all.run { [all] in all.broker.carryOutCommands() }
        await all.run { [all] in all.broker.carryOutCommands() }
        #expect(all.events(1).last == "refused")
        await all.settle()
        #expect(await owners(all) == [])
        #expect(try writer(all) == nil)
    }

    @Test("a claim that comes while the broker is asked finds a session that has moved meanwhile")
    func lateClaim() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        all[0].backplane.hang()
        await all[1].receive(try .claim("A", offset))
        await all.deliver()
        // A third host has taken it and not yet written it when the broker is asked.
        let secret = try SessionID("a" as Character)
        let taken = all.broker.withKeys { keys in
            defer { _ = keys.take(secret) }
            return keys.session(secret, at: .now)
        }
        let end = all.loop.now + all.patience
        await all[1].hub.expireSessionQuestions(at: end)
        let command = try #require(all[1].backplane.takeCommand())
        await all[1].receive(try .claim("A", offset))
        let value = try #require(taken)
        all.broker.withKeys { $0.write(secret, value.encoded, until: .now + .seconds(100)) }
        await all.run { [all] in all[1].backplane.deliver(.kept(command.1, SessionAnswer(.value(nil)))) }
        #expect(all.events(1).count { $0 == "refused" } == 1)
        // It asks the other hosts again, without waiting for the one that hangs, and then the broker.
        await all.settle()
        #expect(all.events(1).count { $0 == "refused" } == 1)
        #expect(all.events(1).last?.hasPrefix("A/\(firstTaken) back in r ") == true, "\(all.events(1))")
    }

    @Test("a session that two clients contest stays with one of them, and at one host")
    func contest() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        for _ in 0..<8 {
            for index in [1, 0] {
                await all[index].receive(try .claim("A", nil))
                await all.settle()
            }
        }
        await all[1].receive(try .claim("A", nil))
        await all.settle()
        #expect(all.events(1).last == "refused", "\(all.events(1))")
        #expect(await owners(all) == [0])
        #expect(try writer(all) == "one")
    }

    @Test("a host that has been given a session answers its own client before it passes the session on")
    func passedOn() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await all[1].receive(try .claim("A", offset))
        await all[2].receive(try .claim("A", offset))
        await all.settle()
        #expect(all.events(1) == all.events(1).filter { $0 != "refused" })
        #expect(all.events(1).contains { $0.hasPrefix("A/1 back in r ") }, "\(all.events(1))")
        #expect(all.events(2).last?.hasPrefix("A/2 back in r ") == true, "\(all.events(2))")
        #expect(await owners(all) == [2])
    }

    @Test("a session moves without a value if the broker refuses it, for want of memory", arguments: [false, true])
    func refusedValue(isRemovalRefused: Bool) async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await all[0].receive(try .join("A", "late"))
        await all[1].receive(try .claim("A", offset))
        await all.deliver()
        await all.run { [all] in
            while let (command, number) = all[0].backplane.takeCommand() {
                let isRefused = if case .write = command.content { true } else { isRemovalRefused }
                let answer =
                    isRefused
                    ? SessionAnswer(.failed(reason: "OOM"))
                    : all.broker.withKeys { $0.carryOut(command, at: .now) }
                all[0].backplane.deliver(.kept(number, answer))
            }
        }
        await all.deliver()
        if isRemovalRefused {
            #expect(await owners(all) == [0])
        } else {
            await all.settle()
            #expect(all.events(1).last?.hasPrefix("A/1 back in late,r ") == true, "\(all.events(1))")
            #expect(await owners(all) == [1])
            #expect(try writer(all) == "two")
        }
    }

    @Test("a session from before a gap, which its host had not noticed, is not restored across it")
    func gap() async throws {
        let all = try await makeHosts()
        defer { all.end() }
        await all.run { [all] in all[0].backplane.deliver(.gap) }
        await all[0].receive(try .join("A", "s"))
        await all[0].receive(try .register("B"))
        await all.settle()
        all[0].backplane.leave()
        await all[1].receive(try .claim("A", offset), try .claim("B", nil))
        await all.settle()
        #expect(all.events(1).filter { $0 == "refused" }.count == 1)
        #expect(all.events(1).contains { $0.hasPrefix("B/\(firstTaken) back") }, "\(all.events(1))")
    }
}
