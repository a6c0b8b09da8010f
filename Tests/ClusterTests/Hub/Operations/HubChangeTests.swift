import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Hub: changes the selected sockets of all workers at a position in the order")
struct HubChangeTests {
    var hub = HubTranscript(recovery: RecoveryOptions())
    let one: Incarnation
    let two: Incarnation

    /// A and B belong to the first worker, C to the second; B and C are in the room r.
    init() throws {
        one = hub.attach()
        two = hub.attach()
        hub.receive(try .register("A"), try .register("B"), try .join("B", "r"), from: one)
        hub.receive(try .register("C"), try .join("C", "r"), from: two)
        _ = (hub.newEvents(for: one), hub.newEvents(for: two))
    }

    private func session(_ letter: Character) throws -> HubSession? { hub.machine.sessions[try SessionID(letter)] }

    @Test("a change is sent to the workers with sockets in the selected rooms, before the sender's answer")
    mutating func recipients() throws {
        hub.receive(try .change(.join(["s"]), to: ["r"], by: "A"), from: one)
        #expect(hub.newEvents(for: one) == ["r join s", "A carried out"])
        #expect(hub.newEvents(for: two) == ["r join s"])
        hub.receive(try .change(.leave(["s"]), to: [try SessionID("C").description], by: "A"), from: one)
        #expect(hub.newEvents(for: one) == ["A carried out"])
        #expect(try session("B")?.rooms.keys.sorted() == ["r", "s"] && session("C")?.rooms.keys.sorted() == ["r"])
    }

    @Test("everyone, exceptions and rooms named after sockets select the sockets")
    mutating func selections() throws {
        hub.receive(try .register("D", in: "/other"), from: two)
        let own = try SessionID("B").description
        hub.receive(try .change(.join(["all"])), from: one)
        hub.receive(try .change(.join(["not r"]), except: ["r"]), from: one)
        hub.receive(try .change(.join(["not B"]), to: ["r"], except: [own]), from: one)
        hub.receive(try .change(.join(["none"]), to: [try SessionID("D").description, "no such room"]), from: one)
        #expect(try session("A")?.rooms.keys.sorted() == ["all", "not r"])
        #expect(try session("B")?.rooms.keys.sorted() == ["all", "r"])
        #expect(try session("C")?.rooms.keys.sorted() == ["all", "not B", "r"])
        #expect(try session("D")?.rooms.isEmpty == true)
    }

    @Test("an event ordered before the change is not for the sockets that join, and a later one is")
    mutating func joins() throws {
        hub.receive(try .emit("before", to: ["s"]), try .change(.join(["s"]), to: ["r"]), from: one)
        hub.receive(try .emit("after", to: ["s"]), from: one)
        #expect(hub.newEvents(for: two) == ["r join s", "event after @2"])
        #expect(try session("C")?.rooms["s"] == 1)
    }

    @Test("after a leave the workers get no more events of the room")
    mutating func leaves() throws {
        hub.receive(try .change(.leave(["r", "s"])), try .emit("x", to: ["r"]), from: one)
        #expect(hub.newEvents(for: one) == ["all leave r,s"] && hub.newEvents(for: two) == ["all leave r,s"])
    }

    @Test("joins and leaves apply to lost sessions, which replay the room's events exactly from that position")
    mutating func lostSessions() throws {
        hub.receive(try .lose("C"), from: two)
        hub.receive(
            try .emit("1", to: ["s"]), try .change(.join(["s"]), to: ["r"]), try .emit("2", to: ["s"]), from: one)
        hub.receive(try .change(.leave(["r"]), to: ["s"]), try .emit("3", to: ["r"]), from: one)
        #expect(hub.newEvents(for: two).isEmpty)
        hub.receive(try .claim("C", "epoch.0"), from: two)
        #expect(hub.newEvents(for: two) == ["C/1 back in s from 0 @3: 2@2"])
        hub.receive(try .emit("4", to: ["s"]), from: one)
        #expect(hub.newEvents(for: two) == ["event 4 @4"], "the new owner's worker gets the room's events")
    }

    @Test("a disconnect deletes connected and lost sessions at once", arguments: [false, true])
    mutating func disconnects(close: Bool) throws {
        hub.receive(try .lose("C"), from: two)
        hub.receive(try .change(.disconnect(close: close), to: ["r"]), from: one)
        #expect(hub.newEvents(for: one) == [close ? "r are closed" : "r are disconnected"])
        #expect(hub.machine.sessions.keys.map(\.letter) == ["A"] && hub.machine.lostCount == 0)
        hub.receive(try .claim("B", "epoch.0"), try .claim("C", "epoch.0"), from: two)
        #expect(hub.newEvents(for: two) == ["refused", "refused"])
        // Requests that the owner sent before it learned of the disconnect have no effect.
        hub.receive(try .join("B", "s"), try .unregister("B"), try .emit("x", by: "B"), from: one)
        #expect(hub.newEvents(for: one) == ["B emitted"] && hub.machine.head == 0)
    }

    @Test("without recovery a disconnect deletes the sessions too")
    func withoutRecovery() throws {
        var hub = HubTranscript()
        let worker = hub.attach()
        hub.receive(try .register("A"), try .change(.disconnect(close: false)), from: worker)
        #expect(hub.machine.sessions.isEmpty)
    }

    @Test("the table of rooms has no entry for sessions that are gone")
    mutating func rooms() throws {
        let room = InterestTable.Audience.room("r", namespace: "/")
        #expect(hub.machine.members[room].map(\.letter).sorted() == ["B", "C"])
        hub.receive(try .lose("C"), from: two)
        #expect(hub.machine.members[room].count == 2, "a lost session stays in its rooms")
        hub.receive(try .unregister("B"), from: one)
        #expect(hub.machine.members[room].map(\.letter) == ["C"])
        hub.now += .seconds(121)
        hub.receive([], from: one)
        #expect(hub.machine.members[room].isEmpty)
    }

    @Test("a change of 10 000 sockets is one event for each worker")
    mutating func many() throws {
        var random = SystemRandomNumberGenerator()
        let requests = (0..<10_000).map { _ in
            let key = SessionKey(id: SessionID(using: &random))
            let secret = SessionID(using: &random)
            return HubRequest.register(Registration(key: key, namespace: "/", privateID: secret, startRow: 0))
        }
        hub.receive(requests, from: two)
        _ = hub.newEvents(for: two)
        hub.receive(try .change(.join(["big"])), from: one)
        #expect(hub.newEvents(for: two) == ["all join big"])
        #expect(hub.machine.members[.room("big", namespace: "/")].count == 10_003)
    }
}
