import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Hub: one order for events")
struct HubOrderTests {
    var hub = HubTranscript()
    let one: Incarnation
    let two: Incarnation

    init() {
        one = hub.attach()
        two = hub.attach()
    }

    @Test("an event goes to every interested worker, including the sender's, with the same position")
    mutating func everyone() throws {
        hub.receive(try .register("A"), from: one)
        hub.receive(try .register("B"), from: two)
        hub.receive(try .emit("hello", by: "A"), from: one)
        #expect(hub.newEvents(for: one) == ["A registered @0", "event hello @1", "A emitted"])
        #expect(hub.newEvents(for: two) == ["B registered @0", "event hello @1"])
    }

    @Test("positions count every event of the hub: on one link they increase, with gaps")
    mutating func positions() throws {
        hub.receive(try .register("A"), try .join("A", "one"), from: one)
        hub.receive(try .register("B"), try .join("B", "two"), from: two)
        hub.receive(try .emit("x", to: ["one"]), try .emit("y", to: ["two"]), try .emit("z", to: ["one"]), from: two)
        #expect(hub.newEvents(for: one).suffix(2) == ["event x @1", "event z @3"])
        #expect(hub.newEvents(for: two).suffix(1) == ["event y @2"])
    }

    @Test("all workers see the events of different senders in the same order")
    mutating func sameOrder() throws {
        hub.receive(try .register("A"), from: one)
        hub.receive(try .register("B"), from: two)
        _ = (hub.newEvents(for: one), hub.newEvents(for: two))
        hub.receive(try .emit("a1", by: "A"), try .emit("a2", by: "A"), from: one)
        hub.receive(try .emit("b1", by: "B"), from: two)
        hub.receive(try .emit("a3", by: "A"), from: one)
        let events = ["event a1 @1", "event a2 @2", "event b1 @3", "event a3 @4"]
        #expect(hub.newEvents(for: one).filter { $0.hasPrefix("event") } == events)
        #expect(hub.newEvents(for: two).filter { $0.hasPrefix("event") } == events)
    }

    @Test("the sender's worker gets an echo even if no socket is interested in the event")
    mutating func echo() throws {
        hub.receive(try .register("A"), try .emit("x", to: ["empty"], by: "A"), from: one)
        #expect(hub.newEvents(for: one) == ["A registered @0", "A emitted"])
    }

    @Test("an event without a sender has no echo")
    mutating func noSender() throws {
        hub.receive(try .register("A"), try .emit("x"), from: one)
        #expect(hub.newEvents(for: one) == ["A registered @0", "event x @1"])
    }

    @Test("a worker gets an event once, even if it is for several of its sockets and rooms")
    mutating func once() throws {
        hub.receive(try .register("A"), try .register("B"), from: one)
        hub.receive(try .join("A", "r"), try .join("A", "s"), try .join("B", "r"), from: one)
        _ = hub.newEvents(for: one)
        let own = try SessionID("A").description
        hub.receive(try .emit("x", to: ["r", "s", own]), from: two)
        #expect(hub.newEvents(for: one) == ["event x @1"])
    }

    @Test("a worker without an interested socket does not get the event", arguments: ["/", "/other"])
    mutating func uninterested(namespace: String) throws {
        hub.receive(try .register("A", in: namespace), from: one)
        _ = hub.newEvents(for: one)
        hub.receive(try .emit("x", in: "/third"), try .emit("y", in: namespace, to: ["r"]), from: two)
        #expect(hub.newEvents(for: one).isEmpty)
    }

    @Test("events, rooms and own rooms of different namespaces are separate")
    mutating func namespaces() throws {
        hub.receive(try .register("A", in: "/"), try .join("A", "r"), from: one)
        hub.receive(try .register("B", in: "/other"), try .join("B", "r"), from: two)
        _ = (hub.newEvents(for: one), hub.newEvents(for: two))
        hub.receive(try .emit("x", in: "/other", to: ["r"]), from: one)
        hub.receive(try .emit("y", in: "/other", to: [try SessionID("A").description]), from: two)
        #expect(hub.newEvents(for: one).isEmpty)
        #expect(hub.newEvents(for: two) == ["event x @1"])
    }

    @Test("a socket's id is the name of its own room, for senders on any worker")
    mutating func ownRoom() throws {
        hub.receive(try .register("A"), from: one)
        hub.receive(try .register("B"), from: two)
        _ = (hub.newEvents(for: one), hub.newEvents(for: two))
        hub.receive(try .emit("x", to: [try SessionID("A").description], by: "B"), from: two)
        #expect(hub.newEvents(for: one) == ["event x @1"])
        #expect(hub.newEvents(for: two) == ["B emitted"])
    }
}
