import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Hub: describes the connected sockets of all workers")
struct HubFetchTests {
    var hub = HubTranscript(recovery: RecoveryOptions())
    let one: Incarnation
    let two: Incarnation

    /// B and A belong to the first worker, C to the second; B and C are in the room r.
    init() throws {
        one = hub.attach()
        two = hub.attach()
        hub.receive(try .register("B"), try .join("B", "r"), try .join("B", "q"), try .register("A"), from: one)
        let data = try JSONText(validating: Array("7".utf8))
        hub.receive(try .register("C"), try .join("C", "r"), .setData(try SessionKey("C"), data), from: two)
        _ = (hub.newEvents(for: one), hub.newEvents(for: two))
    }

    @Test("the answer has ids, rooms and data in the order of the ids, and goes to the requesting worker only")
    mutating func answers() throws {
        hub.receive(try .fetch(5), try .fetch(6, to: ["r"], by: "A"), from: one)
        #expect(hub.newEvents(for: one) == ["5 fetched A() B(q,r) C(r;7)", "6 fetched by A B(q,r) C(r;7)"])
        #expect(hub.newEvents(for: two).isEmpty)
    }

    @Test("rooms, exceptions, namespaces and rooms named after sockets select the sockets")
    mutating func selections() throws {
        let own = try SessionID("A").description
        hub.receive(
            try .fetch(1, to: ["q", own]), try .fetch(2, except: ["q"]), try .fetch(3, in: "/other"),
            try .fetch(4, to: ["no such room"]), try .fetch(5, to: ["r"], except: ["q", own]), from: one)
        #expect(
            hub.newEvents(for: one) == [
                "1 fetched A() B(q,r)", "2 fetched A() C(r;7)", "3 fetched", "4 fetched", "5 fetched C(r;7)",
            ])
    }

    @Test("the answer has the effects of exactly the requests that are ordered before")
    mutating func position() throws {
        hub.receive(
            try .change(.join(["s"]), to: ["r"]), try .fetch(to: ["s"]), try .leave("B", "s"), try .unregister("A"),
            from: one)
        #expect(hub.newEvents(for: one) == ["r join s", "1 fetched B(q,r,s) C(r,s;7)", "B left s"])
    }

    @Test("the number of attached workers goes to the requesting worker")
    mutating func workers() {
        hub.receive(.countWorkers(9), from: two)
        hub.detach(one)
        hub.receive(.countWorkers(10), from: two)
        #expect(hub.newEvents(for: two) == ["9 workers: 2", "10 workers: 1"])
    }

    @Test("lost sessions are not included")
    mutating func lost() throws {
        hub.receive(try .lose("C"), from: two)
        hub.receive(try .fetch(), from: one)
        #expect(hub.newEvents(for: one) == ["1 fetched A() B(q,r)"])
    }

    @Test("an answer above the limit is refused with the number of sockets; at the limit it is complete")
    mutating func limit() throws {
        let sockets = [
            FetchedSocket(id: try SessionID("A"), rooms: [], data: nil),
            FetchedSocket(id: try SessionID("B"), rooms: ["q", "r"], data: nil),
        ]
        let size = sockets.reduce(0) { $0 + $1.byteCount }
        let own = try SessionID("A").description
        hub.receive(try .fetch(1, to: [own, "q"], limit: size), from: one)
        hub.receive(try .fetch(2, to: [own, "q"], limit: size - 1), from: one)
        #expect(hub.newEvents(for: one) == ["1 fetched A() B(q,r)", "2 too large: 2"])
    }

    /// Registers sockets that are in two rooms each.
    private mutating func register(_ count: Int) {
        var random = SplitMix64(seed: 1)
        var requests: [HubRequest] = []
        for _ in 0..<count {
            let key = SessionKey(id: SessionID(using: &random))
            let registration = Registration(
                key: key, namespace: "/many", privateID: SessionID(using: &random), startRow: 0)
            requests += [.register(registration), .join(key, room: "room"), .join(key, room: "lobby")]
        }
        var output = HubStateMachine.Output()
        hub.machine.receive(requests, from: two, at: hub.now, into: &output)
    }

    @Test(
        "an answer with 10 000 sockets fits into the default limit and into one frame, one with 40 000 does not fit",
        arguments: [(10_000, true), (40_000, false)])
    mutating func many(count: Int, fits: Bool) {
        register(count)
        let limit = Limits().fetchAnswer
        let selection = SocketSelection(namespace: "/many", rooms: [], exceptions: [])
        let answer = hub.machine.answer(SocketFetch(number: 1, selection: selection, maxBytes: limit))
        let bytes = WireWriter.bytes { $0.append(HubEvent.fetched(1, nil, answer, credit: 0)) }
        #expect(bytes.count <= limit)
        switch answer {
        case .sockets(let sockets):
            #expect(fits && sockets.count == count && zip(sockets, sockets.dropFirst()).allSatisfy { $0.id < $1.id })
        case .tooLarge(let found): #expect(!fits && found == count)
        case .workers: Issue.record("a number of workers instead of sockets")
        case .refused: Issue.record("a hub refuses no fetch")
        }
    }

    @Test("a request costs more credit the more names it has, and the answer returns the cost")
    mutating func credit() throws {
        let long = String(repeating: "x", count: 1000)
        let requests: [HubRequest] = [
            try .fetch(1), try .fetch(1, to: [long]), try .change(.join(["r"])), try .change(.leave([long])),
            try .change(.disconnect(close: true), except: [long]),
        ]
        #expect(requests.map(\.cost) == [257, 1257, 258, 1257, 1257])
        var output = HubStateMachine.Output()
        hub.machine.receive(requests, from: one, at: hub.now, into: &output)
        let credit = output.events.flatMap(\.events).compactMap { event -> Int? in
            switch event {
            case .fetched(_, _, _, let credit), .carriedOut(_, let credit): credit
            default: nil
            }
        }
        #expect(credit == requests.map(\.cost))
    }

    @Test("a fetch whose sender's session has another owner is answered, because it changes nothing")
    mutating func stale() throws {
        hub.receive(try .fetch(1, to: ["q"], by: "C"), from: one)
        #expect(hub.newEvents(for: one) == ["1 fetched by C B(q,r)"])
    }
}
