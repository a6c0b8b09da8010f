import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Several hubs that read one stream")
struct SharedPositionRecoveryTests {
    /// The id of an entry, and its position.
    private static let start = EntryID(milliseconds: 1_700_000_100_000, sequence: 0)

    /// Hubs whose next entry is ``start``.
    private func makeHosts(_ count: Int) async throws -> HubHosts {
        let all = try await HubHosts(count, keepsMessages: true)
        all.broker.continueAt(Self.start)
        return all
    }

    private func position(_ milliseconds: UInt64, _ sequence: UInt64 = 0, local: UInt64 = 0) throws -> UInt64 {
        let id = EntryID(milliseconds: Self.start.milliseconds + milliseconds, sequence: sequence)
        return try #require(id.position) + local
    }

    private func offset(_ milliseconds: UInt64, _ sequence: UInt64 = 0) -> String {
        EntryID(milliseconds: Self.start.milliseconds + milliseconds, sequence: sequence).description
    }

    @Test("an event has the same position at every hub")
    func positions() async throws {
        let all = try await makeHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"))
        await all[1].receive(try .register("B"))
        await all[0].receive(try .emit("x"))
        await all[1].receive(try .emit("y"))
        await all.deliver()
        let events = [try "event x @\(position(0))", try "event y @\(position(0, 1))"]
        #expect(all.events(0).filter { $0.hasPrefix("event") } == events)
        #expect(all.events(1).filter { $0.hasPrefix("event") } == events)
    }

    @Test("a session moves, and the client continues from the id of an entry, with and without the old host's places")
    func moves() async throws {
        let all = try await makeHosts(3)
        defer { all.end() }
        let (one, two, three) = (all[0], all[1], all[2])
        await one.receive(try .register("A"))
        await two.receive(try .emit("x"))
        await all.deliver()
        await one.receive(try .lose("A"))
        await two.receive(try .emit("y"))
        await all.deliver()
        await two.receive(try .claim("A", offset(0)))
        await all.deliver(1)
        await three.receive(try .emit("z"))
        await all.deliver()
        // The ask, the cut and the answer of the third host are entries too.
        let missed = try "y@\(position(0, 1)) z@\(position(2, 1))"
        #expect(all.events(1).last?.hasSuffix(missed) == true, "\(all.events(1))")
        // It has read y, then dies, and comes back at the third host.
        await two.receive(try .lose("A", epoch: 1))
        await three.receive(try .claim("A", offset(0, 1)))
        await all.deliver()
        #expect(all.events(2).last?.hasSuffix(try ": z@\(position(2, 1))") == true, "\(all.events(2))")
    }

    @Test("an event for one socket of the host is an entry too, unless it is volatile")
    func directEvents() async throws {
        let all = try await makeHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"))
        let own = try SessionID("A").description
        await all[0].receive(try .emit("kept", to: [own]))
        #expect(all.events(0).isEmpty)
        await all.deliver()
        #expect(try all.events(0).first == "event kept @\(position(0))")
        await all[0].receive(.emit(.event("volatile", to: [own], isVolatile: true), sender: nil))
        #expect(all.events(0).contains(try "event volatile @\(position(0, local: 1))"))
    }

    @Test(
        "entries that do not fit or go back have places of their own, and lost sessions do not survive them",
        arguments: [
            EntryID(milliseconds: 5, sequence: 0), EntryID(milliseconds: 1 << 42, sequence: 0),
            EntryID(milliseconds: 1_800_000_000_000, sequence: 1 << 16),
        ])
    func misfits(id: EntryID) async throws {
        let all = try await makeHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"), try .register("B"))
        await all[1].receive(try .emit("x"))
        await all.deliver()
        await all[0].receive(try .lose("A"))
        all.broker.continueAt(id)
        await all[1].receive(try .emit("odd"))
        await all.deliver()
        #expect(all.events(0).contains(try "event odd @\(position(0, local: 2))"), "\(all.events(0))")
        await all[0].receive(try .claim("A", offset(0)))
        await all.deliver()
        #expect(all.events(0).last == "refused")
        // A later one is recovered as usual.
        all.broker.continueAt(EntryID(milliseconds: 1_900_000_000_000, sequence: 0))
        await all[0].receive(try .lose("B"))
        await all[1].receive(try .emit("late"))
        await all.deliver()
        await all[0].receive(try .claim("B", "one.\(position(0, local: 2))"))
        await all.deliver()
        #expect(all.events(0).last?.contains("late@") == true, "\(all.events(0))")
    }

    @Test("a hub that orders much by itself gets entries in between")
    func markers() async throws {
        let all = try await makeHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"))
        await all.deliver()
        let own = try SessionID("A").description
        for number in 1...200 {
            await all[0].receive(.emit(.event("\(number)", to: [own], isVolatile: true), sender: nil))
            await all.deliver()
        }
        let head = SharedPosition(await all[0].hub.status.position)
        #expect(head.number <= SharedPosition.lastNumber / 2 + 1 && head.milliseconds > Self.start.milliseconds)
    }

    @Test("without a further place, sessions cannot be recovered until the next entry")
    func exhausted() async throws {
        let all = try await makeHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"))
        let own = try SessionID("A").description
        for number in 1...100 {
            await all[0].receive(.emit(.event("\(number)", to: [own], isVolatile: true), sender: nil))
        }
        let head = SharedPosition(await all[0].hub.status.position)
        #expect(head.isLast)
        await all[0].receive(try .register("B"), try .lose("A"), try .lose("B"))
        await all.run { [all] in _ = all.broker.takeFirst() }
        await all[0].receive(try .claim("A", "one.\(head.value)"), try .claim("B", nil))
        await all.deliver()
        #expect(all.events(0).suffix(2) == ["refused", "refused"])
    }

    @Test("a client that has an offset which this host has not reached waits until it has")
    func ahead() async throws {
        let all = try await makeHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("B"))
        await all[0].receive(try .emit("x"))
        await all[0].receive(try .claim("A", offset(0)))
        await all.deliver(1)
        // Only then does it ask for the session.
        #expect(all.broker.waiting == ["ask 1"])
        await all[0].receive(try .claim("C", offset(500)))
        await all.deliver()
        #expect(all.broker.waiting == [])
        #expect(all.events(0).last == "refused")
    }

    @Test("an offset of after the session was lost says that it has been at another host since")
    func offsetOfAnotherHost() async throws {
        let all = try await makeHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"))
        await all[1].receive(try .emit("x"))
        await all.deliver()
        await all[0].receive(try .lose("A"))
        await all[1].receive(try .emit("y"), try .emit("z"))
        await all.deliver()
        // The client cannot have y from this host: it was lost before.
        await all[0].receive(try .claim("A", offset(0, 1)))
        await all.deliver()
        #expect(all.events(0).last == "refused")
        #expect(await all[0].hub.machine.sessions.isEmpty)
    }

    @Test("entries that are not for this host count as read")
    func reached() async throws {
        let all = try await makeHosts(1)
        defer { all.end() }
        await all[0].receive(try .claim("A", offset(7)))
        await all.deliver()
        #expect(all.events(0) == [])
        let entries = [offset(3), offset(7), offset(5)].compactMap { EntryID($0) }
        await all.run { for entry in entries { all[0].backplane.deliver(.reached(entry)) } }
        await all.deliver()
        #expect(all.events(0) == ["refused"])
        // The last one does not lead back. The question for the session was an entry too.
        #expect(try await all[0].hub.status.position >= position(7))
    }

    /// The offset is that of an entry, or one of a namespace with stored messages.
    @Test(
        "an offset from before the session, which the host had not reached, does not resume it",
        arguments: [nil, "two.\(SharedPosition(milliseconds: 1_700_000_100_002, sequence: 0)?.value ?? 0).1"])
    func offsetAhead(stored: String?) async throws {
        for asksElsewhere in [false, true] {
            let all = try await makeHosts(2)
            defer { all.end() }
            let earlier = stored ?? offset(2)
            await all[0].receive(try .register("A", after: earlier), try .register("B", after: earlier))
            await all[1].receive(try .emit("x"))
            await all.deliver()
            await all[0].receive(try .lose("A"), try .lose("B"))
            // The client has received nothing, or something up to the entry that it has seen in its earlier session.
            all.broker.continueAt(EntryID(milliseconds: Self.start.milliseconds + 2, sequence: 0))
            await all[1].receive(try .emit("y"), try .emit("z"))
            await all.deliver()
            let host = asksElsewhere ? 1 : 0
            await all[host].receive(try .claim("A", earlier))
            await all.deliver()
            #expect(all.events(host).last?.hasPrefix("refused") == true)
            // This one has received an event.
            await all[host].receive(try .claim("B", offset(0)))
            await all.deliver()
            #expect(all.events(host).last?.hasPrefix("B/1 back") == true, "\(all.events(host))")
            #expect(all.events(host).last?.contains("y@") == true)
        }
    }
}
