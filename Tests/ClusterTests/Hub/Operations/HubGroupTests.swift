import Actors
import Testing

@testable import Cluster

@Suite("Hub: events for all namespaces of a group")
struct HubGroupTests {
    var hub = HubTranscript(recovery: RecoveryOptions())
    let one: Incarnation
    let two: Incarnation

    /// A in /b and C in /a are in the group g, D in /d is in no group.
    init() throws {
        one = hub.attach()
        two = hub.attach()
        hub.receive(try register("A", in: "/b", "g"), try register("D", in: "/d", nil), from: one)
        hub.receive(try register("C", in: "/a", "g"), try .join("C", "r"), from: two)
        _ = (hub.newEvents(for: one), hub.newEvents(for: two))
    }

    private func register(_ letter: Character, in namespace: String, _ group: String?) throws -> HubRequest {
        let secret = try SessionID(Character(letter.lowercased()))
        return .register(
            Registration(
                key: try SessionKey(letter), namespace: namespace, group: group, privateID: secret, startRow: 0))
    }

    @Test("each namespace of the group gets the event with its own name, in the order of the names")
    mutating func everyone() throws {
        hub.receive(try .emit(#"42g,["x","g,"]"#, in: "g"), from: one)
        #expect(hub.newEvents(for: one) == [#"event 42/b,["x","g,"] @2"#])
        #expect(hub.newEvents(for: two) == [#"event 42/a,["x","g,"] @1"#])
    }

    @Test("rooms and the count of attachments stay; an unknown group has no recipients")
    mutating func rooms() throws {
        hub.receive(try .emit(#"451-g,["x"]"#, in: "g", to: ["r"]), try .emit("42h,[]", in: "h"), from: one)
        #expect(hub.newEvents(for: one).isEmpty)
        #expect(hub.newEvents(for: two) == [#"event 451-/a,["x"] @1"#])
    }

    @Test("a lost session receives the event when it is claimed; a deleted one ends the namespace's membership")
    mutating func lost() throws {
        hub.receive(try .lose("C"), from: two)
        hub.receive(try .emit("42g,[]", in: "g"), try .unregister("A"), try .emit("42g,[1]", in: "g"), from: one)
        hub.receive(try .claim("C", "epoch.0.0", in: "/a"), from: two)
        #expect(hub.newEvents(for: one) == ["event 42/b,[] @2"])
        #expect(hub.newEvents(for: two).last?.hasSuffix(": 42/a,[]@1 42/a,[1]@3") == true)
    }
}
