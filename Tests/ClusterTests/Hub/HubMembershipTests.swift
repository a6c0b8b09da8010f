import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Hub: a membership begins and ends at a position in the order")
struct HubMembershipTests {
    var hub = HubTranscript()
    let one: Incarnation
    let two: Incarnation

    init() {
        one = hub.attach()
        two = hub.attach()
    }

    @Test("registrations, joins and leaves are echoed in stream order")
    mutating func echoes() throws {
        hub.receive(try .register("A"), try .emit("1"), try .join("A", "r"), try .emit("2", to: ["r"]), from: one)
        hub.receive(try .leave("A", "r"), try .emit("3", to: ["r"]), from: one)
        #expect(
            hub.newEvents(for: one) == ["A registered @0", "event 1 @1", "A joined r", "event 2 @2", "A left r"])
    }

    @Test("a worker gets only the events ordered after the registration of a socket")
    mutating func begins() throws {
        hub.receive(try .emit("before"), from: two)
        hub.receive(try .register("A"), from: one)
        hub.receive(try .emit("after"), from: two)
        #expect(hub.newEvents(for: one) == ["A registered @1", "event after @2"])
    }

    @Test("an event ordered before a join is not sent to the joiner's worker")
    mutating func beforeJoin() throws {
        hub.receive(try .register("A"), from: one)
        hub.receive(try .emit("before", to: ["r"]), from: two)
        hub.receive(try .join("A", "r"), from: one)
        hub.receive(try .emit("after", to: ["r"]), from: two)
        #expect(hub.newEvents(for: one) == ["A registered @0", "A joined r", "event after @2"])
    }

    @Test(
        "on a worker that already gets the room's events, the echo of a join separates earlier events from later ones"
    )
    mutating func echoDivides() throws {
        hub.receive(try .register("A"), try .join("A", "r"), try .register("B"), from: one)
        _ = hub.newEvents(for: one)
        hub.receive(try .emit("before", to: ["r"]), try .join("B", "r"), try .emit("after", to: ["r"]), from: one)
        #expect(hub.newEvents(for: one) == ["event before @1", "B joined r", "event after @2"])
    }

    @Test("after a leave only workers with other members get the room's events")
    mutating func leaves() throws {
        hub.receive(try .register("A"), try .join("A", "r"), from: one)
        hub.receive(try .register("B"), try .join("B", "r"), from: two)
        hub.receive(try .leave("A", "r"), from: one)
        _ = (hub.newEvents(for: one), hub.newEvents(for: two))
        hub.receive(try .emit("x", to: ["r"]), from: one)
        #expect(hub.newEvents(for: one).isEmpty)
        #expect(hub.newEvents(for: two) == ["event x @1"])
    }

    @Test("a second join changes nothing, and is echoed")
    mutating func joinsTwice() throws {
        hub.receive(try .register("A"), try .join("A", "r"), try .join("A", "r"), try .leave("A", "r"), from: one)
        #expect(hub.newEvents(for: one) == ["A registered @0", "A joined r", "A joined r", "A left r"])
        hub.receive(try .emit("x", to: ["r"]), from: two)
        #expect(hub.newEvents(for: one).isEmpty)
    }

    @Test("the session table has each room with the position at which the socket joined it")
    mutating func table() throws {
        hub.receive(
            try .register("A"), try .emit("1"), try .join("A", "r"), try .emit("2"), try .join("A", "s"), from: one)
        let session = try #require(hub.machine.sessions[try SessionID("A")])
        #expect(session.rooms == ["r": 1, "s": 2])
        #expect(session.registeredAt == 0 && session.owner == one)
    }

    @Test("unregistering ends a socket's memberships, its subscription and its own room")
    mutating func unregisters() throws {
        hub.receive(try .register("A"), try .join("A", "r"), try .subscribe("A"), try .unregister("A"), from: one)
        _ = hub.newEvents(for: one)
        let own = try SessionID("A").description
        hub.receive(try .emit("1"), try .emit("2", to: ["r"]), try .emit("3", to: [own]), from: two)
        hub.publish((1, "x"))
        #expect(hub.newEvents(for: one).isEmpty)
        #expect(hub.machine.sessions.isEmpty)
    }

    @Test("detaching a worker ends its own sessions and their interest only")
    mutating func detaches() throws {
        hub.receive(try .register("A"), try .join("A", "r"), try .subscribe("A"), from: one)
        hub.receive(try .register("B"), try .join("B", "r"), try .subscribe("B"), from: two)
        _ = (hub.newEvents(for: one), hub.newEvents(for: two))
        hub.detach(one)
        #expect(hub.machine.sessions.keys.map(\.letter) == ["B"])
        hub.receive(try .emit("x", to: ["r"]), from: two)
        hub.publish((1, "y"))
        #expect(hub.newEvents(for: one).isEmpty)
        #expect(hub.newEvents(for: two) == ["event x @1", "message 1 y"])
    }

    @Test("the number of an incarnation is never reused")
    mutating func numbers() {
        hub.detach(two)
        let three = hub.attach()
        #expect(three > two && two > one)
    }
}
