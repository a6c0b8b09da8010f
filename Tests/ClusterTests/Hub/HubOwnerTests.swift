import Actors
import Persistence
import Testing
import Transport

@testable import Cluster

@Suite("Hub: drops requests of past and foreign owners")
struct HubOwnerTests {
    var hub = HubTranscript()
    let owner: Incarnation
    let other: Incarnation
    let witness: Incarnation

    /// Socket A belongs to `owner` with owner epoch 3. The witness receives every ordered event.
    init() throws {
        owner = hub.attach()
        other = hub.attach()
        witness = hub.attach()
        hub.receive(try .register(try SessionKey("A", epoch: 3), namespace: "/"), from: owner)
        hub.receive(try .register("W"), try .join("W", "r"), try .subscribe("W"), from: witness)
        _ = (hub.newEvents(for: owner), hub.newEvents(for: witness))
    }

    /// A request of every kind from A, with this owner epoch.
    private static func requests(epoch: UInt32) throws -> [HubRequest] {
        let key = try SessionKey("A", epoch: epoch)
        return [
            .unregister(key), .join(key, room: "r"), .leave(key, room: "r"), .emit(.event("x"), sender: key),
            .subscribe(key),
            .change(SocketSelection(namespace: "/", rooms: [], exceptions: []), .join(["r"]), sender: key),
            .change(SocketSelection(namespace: "/", rooms: [], exceptions: []), .disconnect(close: true), sender: key),
            try .register(key, namespace: "/"),
        ]
    }

    @Test("a request with another owner epoch does nothing", arguments: 0..<8, [2, 4] as [UInt32])
    mutating func staleEpoch(request: Int, epoch: UInt32) throws {
        hub.receive(try Self.requests(epoch: epoch)[request], from: owner)
        try expectNothingHappened()
    }

    @Test("a request from an incarnation that does not own the session does nothing", arguments: 0..<8)
    mutating func foreignIncarnation(request: Int) throws {
        hub.receive(try Self.requests(epoch: 3)[request], from: other)
        try expectNothingHappened()
    }

    @Test("a request of an unknown session does nothing", arguments: 0..<7)
    mutating func unknownSession(request: Int) throws {
        hub.receive(.unregister(try SessionKey("A", epoch: 3)), from: owner)
        hub.receive(try Self.requests(epoch: 3)[request], from: owner)
        #expect(hub.newEvents(for: owner).allSatisfy(Self.isCredit) && hub.newEvents(for: witness).isEmpty)
        #expect(hub.machine.sessions.keys.map(\.letter) == ["W"] && hub.nextGroup() == nil)
    }

    @Test("the owner's requests are carried out")
    mutating func current() throws {
        let key = try SessionKey("A", epoch: 3)
        hub.receive(.join(key, room: "r"), .emit(.event("x"), sender: key), from: owner)
        #expect(hub.newEvents(for: owner) == ["A joined r", "event x @1", "A emitted"])
    }

    @Test("a message from a stale or foreign owner gets a failure result, which returns its credit")
    mutating func refusedMessage() throws {
        let draft = MessageDraft(clientOffset: nil, content: [])
        hub.receive(.store(try SessionKey("A", epoch: 2), draft), from: owner)
        hub.receive(.store(try SessionKey("A", epoch: 3), draft), from: other)
        #expect(hub.newEvents(for: owner) == ["A stored: failed"] && hub.newEvents(for: other) == ["A stored: failed"])
        try expectNothingHappened()
    }

    @Test(
        "a result goes to the message's sender under the sender's key, even if another worker has the session by then"
    )
    mutating func lostMeanwhile() throws {
        let key = try SessionKey("A", epoch: 3)
        hub.receive(.store(key, MessageDraft(clientOffset: nil, content: [])), from: owner)
        _ = hub.nextGroup()
        hub.receive(.unregister(key), from: owner)
        hub.receive(try .register(try SessionKey("A", epoch: 4), namespace: "/"), from: other)
        hub.commit(.stored(id: 1))
        #expect(hub.newEvents(for: owner) == ["A stored: 1"])
        #expect(hub.newEvents(for: other) == ["A registered @0"])
        #expect(hub.newEvents(for: witness) == ["message 1 "])
    }

    /// True for the answer to a dropped request, which returns the credit of the request.
    private static func isCredit(_ event: String) -> Bool { event == "A emitted" || event == "A carried out" }

    private mutating func expectNothingHappened() throws {
        for incarnation in [owner, other] { #expect(hub.newEvents(for: incarnation).allSatisfy(Self.isCredit)) }
        #expect(hub.newEvents(for: witness).isEmpty)
        #expect(hub.nextGroup() == nil)
        #expect(hub.machine.head == 0)
        let session = try #require(hub.machine.sessions[try SessionID("A")])
        #expect(session.owner == owner && session.ownerEpoch == 3 && session.rooms.isEmpty && !session.isSubscribed)
    }
}
