import Actors
import Testing

@testable import Cluster

@Suite("Hub: adds up what the clients of all workers use")
struct HubSharedUseTests {
    var hub = HubTranscript()
    let one: Incarnation
    let two: Incarnation

    init() {
        (one, two) = (hub.attach(), hub.attach())
    }

    private static func use(_ connections: Int, _ addresses: (String, Int, Int, Int)...) -> HubRequest {
        .reportUse(
            SharedUse(
                connections: connections,
                addresses: addresses.map {
                    SharedUse.Address(name: $0.0, connections: $0.1, sessions: $0.2, handshakes: $0.3)
                }))
    }

    private mutating func report(_ request: HubRequest, from worker: Incarnation) {
        hub.receive(request, from: worker)
    }

    @Test("each worker learns what is open at all others, and what the reporting one has used")
    mutating func sums() {
        report(Self.use(5, ("10.0.0.1", 4, 3, 2)), from: one)
        #expect(hub.newEvents(for: two) == ["elsewhere 5, 10.0.0.1: 4/3 +2"])
        // The first report of a worker brings it everything.
        #expect(hub.newEvents(for: one) == ["elsewhere 0, 10.0.0.1: 0/0 +0"])
        report(Self.use(7, ("10.0.0.1", 1, 1, 9)), from: two)
        #expect(hub.newEvents(for: one) == ["elsewhere 7, 10.0.0.1: 1/1 +9"])
        #expect(hub.newEvents(for: two) == ["elsewhere 5, 10.0.0.1: 4/3 +0"])
        let three = hub.attach()
        report(Self.use(1), from: three)
        #expect(hub.newEvents(for: one) == ["elsewhere 8"])
        #expect(hub.newEvents(for: three) == ["elsewhere 12, 10.0.0.1: 5/4 +0"])
    }

    @Test("what a worker has used of its clients' rates goes to the others once")
    mutating func identities() {
        let ann = SharedUse.Identity(id: "ann", messages: 3, bytes: 100, historyBytes: 200)
        report(.reportUse(SharedUse(identities: [ann])), from: one)
        #expect(hub.newEvents(for: two) == ["elsewhere 0, ann: +3 +100"])
        report(Self.use(1), from: one)
        #expect(hub.newEvents(for: two) == ["elsewhere 1"])
    }

    @Test("a worker that is gone has nothing open any more")
    mutating func gone() {
        report(Self.use(5, ("10.0.0.1", 4, 3, 2), ("10.0.0.2", 1, 0, 0)), from: one)
        report(Self.use(2, ("10.0.0.1", 1, 1, 0)), from: two)
        _ = hub.newEvents(for: two)
        hub.detach(one)
        #expect(hub.newEvents(for: two) == ["elsewhere 0, 10.0.0.1: 0/0 +0, 10.0.0.2: 0/0 +0"])
        hub.detach(two)
        let last = hub.attach()
        report(Self.use(0), from: last)
        #expect(hub.newEvents(for: last) == [])
    }

    @Test("an address that closes everything is forgotten")
    mutating func closed() {
        var table = SharedUseTable()
        for connections in [3, 0] {
            let address = SharedUse.Address(name: "::/64", connections: connections, sessions: 0, handshakes: 0)
            table.note(SharedUse(connections: connections, addresses: [address]), of: one)
            #expect(table.names == (connections > 0 ? ["::/64"] : []))
        }
        let remaining = table.remove(one)
        #expect(remaining == [])
    }
}
