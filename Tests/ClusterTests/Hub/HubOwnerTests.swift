import Actors
import Persistence
import Testing
import Transport

@testable import Cluster

@Suite("Hub: requests of past and foreign owners are dropped")
struct HubOwnerTests {
    var hub = HubTranscript()
    let owner: Incarnation
    let other: Incarnation
    let witness: Incarnation

    /// Socket A belongs to `owner` and to owner epoch 3; the witness sees everything that is ordered.
    init() throws {
        owner = hub.attach()
        other = hub.attach()
        witness = hub.attach()
        hub.receive(try .register(try SessionKey("A", epoch: 3), namespace: "/"), from: owner)
        hub.receive(try .register("W"), try .join("W", "r"), try .subscribe("W"), from: witness)
        _ = (hub.told(owner), hub.told(witness))
    }

    /// Every kind of request, by a session of this owner epoch.
    private static func requests(epoch: UInt32) throws -> [HubRequest] {
        let key = try SessionKey("A", epoch: epoch)
        return [
            .unregister(key), .join(key, room: "r"), .leave(key, room: "r"), .emit(.event("x"), sender: key),
            .subscribe(key), try .register(key, namespace: "/"),
        ]
    }

    @Test("with an owner epoch that is not the session's, nothing happens", arguments: 0..<6, [2, 4] as [UInt32])
    mutating func staleEpoch(request: Int, epoch: UInt32) throws {
        hub.receive(try Self.requests(epoch: epoch)[request], from: owner)
        try expectNothingHappened()
    }

    @Test("from an incarnation that does not own the session, nothing happens", arguments: 0..<6)
    mutating func foreignIncarnation(request: Int) throws {
        hub.receive(try Self.requests(epoch: 3)[request], from: other)
        try expectNothingHappened()
    }

    @Test("of a session that nobody knows, nothing happens", arguments: 0..<5)
    mutating func unknownSession(request: Int) throws {
        hub.receive(.unregister(try SessionKey("A", epoch: 3)), from: owner)
        hub.receive(try Self.requests(epoch: 3)[request], from: owner)
        #expect(hub.told(owner).allSatisfy { $0 == "A emitted" } && hub.told(witness).isEmpty)
        #expect(hub.machine.sessions.keys.map(\.letter) == ["W"] && hub.nextGroup() == nil)
    }

    @Test("the owner's own requests are carried out")
    mutating func current() throws {
        let key = try SessionKey("A", epoch: 3)
        hub.receive(.join(key, room: "r"), .emit(.event("x"), sender: key), from: owner)
        #expect(hub.told(owner) == ["A joined r", "event x @1", "A emitted"])
    }

    @Test("a message of a stale or foreign owner is refused with its result, so that what it counts is free again")
    mutating func refusedMessage() throws {
        let draft = MessageDraft(clientOffset: nil, content: [])
        hub.receive(.store(try SessionKey("A", epoch: 2), draft), from: owner)
        hub.receive(.store(try SessionKey("A", epoch: 3), draft), from: other)
        #expect(hub.told(owner) == ["A stored: failed"] && hub.told(other) == ["A stored: failed"])
        try expectNothingHappened()
    }

    @Test("the result of a message is told to who sent it, under its own key, though the session is another's by then")
    mutating func lostMeanwhile() throws {
        let key = try SessionKey("A", epoch: 3)
        hub.receive(.store(key, MessageDraft(clientOffset: nil, content: [])), from: owner)
        _ = hub.nextGroup()
        hub.receive(.unregister(key), from: owner)
        hub.receive(try .register(try SessionKey("A", epoch: 4), namespace: "/"), from: other)
        hub.commit(.stored(id: 1))
        #expect(hub.told(owner) == ["A stored: 1"])
        #expect(hub.told(other) == ["A registered @0"])
        #expect(hub.told(witness) == ["message 1 "])
    }

    private mutating func expectNothingHappened() throws {
        // A dropped emit is answered all the same: it gives its credit back.
        for incarnation in [owner, other] { #expect(hub.told(incarnation).allSatisfy { $0 == "A emitted" }) }
        #expect(hub.told(witness).isEmpty)
        #expect(hub.nextGroup() == nil)
        #expect(hub.machine.head == 0)
        let session = try #require(hub.machine.sessions[try SessionID("A")])
        #expect(session.owner == owner && session.ownerEpoch == 3 && session.rooms.isEmpty && !session.isSubscribed)
    }
}
