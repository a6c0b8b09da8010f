import Actors
import Persistence
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Two hubs and a broker")
struct HubBackplaneTests {
    private let loop: EventLoop
    private let broker = MemoryBroker()
    private let one: HubHost
    private let other: HubHost
    private let store = FakeStore(highestRowID: 5, highestAssignedID: 5, isShared: true)

    /// Two connected hosts with the sockets A and B.
    init() async throws {
        loop = try EventLoop.start(name: "hubs")
        one = await HubHost(on: loop, broker)
        other = await HubHost(on: loop, broker, store: store)
        for host in [one, other] { await run { host.backplane.deliver(.connected) } }
        await one.receive(try .register("A"))
        await other.receive(try .register("B"))
        await deliver()
    }

    private func run(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            loop.execute {
                work()
                continuation.resume()
            }
        }
    }

    private func deliver(_ count: Int = .max) async {
        let broker = broker
        await run { broker.deliver(count) }
    }

    private func end() {
        store.release()
        loop.stop()
    }

    @Test("the first socket of a namespace is registered when the namespace's messages arrive")
    func registration() async throws {
        defer { end() }
        #expect(one.link.events == ["A registered @0"] && one.backplane.namespaces == ["/"])
        await one.receive(try .register("C", in: "/n"))
        #expect(one.link.events == ["A registered @0"])
        await deliver()
        #expect(one.link.events == ["A registered @0", "C registered @0"])
        #expect(one.backplane.namespaces == ["/", "/n"])
    }

    @Test("the namespaces of a worker are not released while it lives")
    func release() async throws {
        defer { end() }
        let one = one
        let second = await one.hub.attach(FakeLink())
        await one.hub.receive([.open(namespace: "/n")], from: second)
        await deliver()
        await one.hub.releaseNamespaces(at: loop.now + .seconds(20))
        #expect(one.backplane.namespaces == ["/", "/n"])
        await one.hub.detach(second)
        await one.hub.releaseNamespaces(at: loop.now + .seconds(60))
        #expect(one.backplane.namespaces == ["/"])
    }

    @Test("both hosts apply events in the order of the broker")
    func order() async throws {
        defer { end() }
        await one.receive(try .emit("x", by: "A"), try .join("A", "r"))
        await other.receive(try .emit("y", by: "B"))
        #expect(one.events == [] && other.events == [])
        await deliver()
        #expect(one.events == ["event x @1", "A emitted", "A joined r", "event y @2"])
        #expect(other.events == ["event x @1", "event y @2", "B emitted"])
    }

    @Test("changes reach the sockets of both hosts")
    func changes() async throws {
        defer { end() }
        await one.receive(try .change(.join(["r"]), by: "A"), try .emit("x", to: ["r"], by: "A"))
        await deliver()
        #expect(one.events == ["all join r", "A carried out", "event x @1", "A emitted"])
        #expect(other.events == ["all join r", "event x @1"])
    }

    @Test("an event behind rows waits until its receiver has read them")
    func rows() async throws {
        defer { end() }
        let other = other
        store.hold()
        await run {
            other.backplane.deliver(.received(.event(.event("x")), row: 6))
            other.backplane.deliver(.received(.event(.event("y")), row: nil))
        }
        try await eventually { store.pollCount > 0 }
        await other.receive(try .subscribe("B"))
        #expect(other.events == ["B subscribed from 5, highest 5"])
        store.answerPoll(.success([StoredMessage(6, "row")]))
        store.release()
        try await eventually { other.events.count == 4 }
        #expect(other.events.dropFirst() == ["message 6 row", "event x @1", "event y @2"])
    }

    @Test("a host that is cut off continues alone, and drops its own messages when they come late")
    func cutOff() async throws {
        defer { end() }
        let (one, broker) = (one, broker)
        await one.receive(try .emit("x", by: "A"))
        await run { one.backplane.deliver(.disconnected(reason: "gone")) }
        await one.receive(try .emit("y", by: "A"))
        #expect(one.events == [])
        await one.hub.expireMessages(at: loop.now + one.backplane.patience)
        #expect(one.events == ["event x @2", "A emitted", "event y @3", "A emitted"])
        await one.receive(try .emit("z", by: "A"))
        #expect(one.events.suffix(2) == ["event z @5", "A emitted"])
        await run {
            broker.deliver()
            one.backplane.deliver(.connected)
        }
        #expect(one.events.count == 6)
        #expect(other.events == ["event x @1"])
    }

    @Test("a session that was lost before a gap is not recovered")
    func gap() async throws {
        defer { end() }
        let one = one
        await one.receive(try .lose("A"))
        await run { one.backplane.deliver(.gap) }
        await one.receive(try .claim("A", nil))
        #expect(one.events == ["refused"])
    }

    @Test("during an outage, a session is recovered if it was lost in the outage, and not if it was lost before")
    func gapOfOutage() async throws {
        defer { end() }
        let one = one
        await one.receive(try .lose("A"))
        await run { one.backplane.deliver(.disconnected(reason: "gone")) }
        await one.receive(try .claim("A", nil), try .register("C"), try .lose("C"), try .claim("C", nil))
        #expect(one.events == ["refused", "C/1 back from 0 @1:"])
    }

    @Test("a session that was lost while its host was alone is not recovered with the others")
    func gapAlone() async throws {
        defer { end() }
        let one = one
        await run { one.backplane.deliver(.disconnected(reason: "gone")) }
        await one.hub.expireMessages(at: loop.now + one.backplane.patience)
        await one.receive(try .lose("A"))
        await run { one.backplane.deliver(.connected) }
        await one.receive(try .claim("A", nil))
        #expect(one.events == ["refused"])
    }

    @Test("a claim waits for the events of its session")
    func claims() async throws {
        defer { end() }
        await one.receive(try .emit("x", by: "A"), try .lose("A"), try .claim("A", nil))
        #expect(one.events == [])
        await deliver()
        #expect(one.events == ["event x @1", "A emitted", "A/1 back from 0 @1: x@1"])
    }

    @Test("a claim is answered when all requests of its session are carried out that waited together")
    func claimBehindRequests() async throws {
        defer { end() }
        let second = FakeLink()
        let claimant = await one.hub.attach(second)
        await one.receive(try .emit("x", by: "A"), try .join("A", "r"), try .join("A", "s"))
        await one.hub.receive([try .claim("A", nil)], from: claimant)
        #expect(second.events == [])
        await deliver()
        #expect(one.events == ["event x @1", "A emitted", "A joined r", "A joined s", "A lost 0"])
        #expect(second.events == ["A/1 back in r,s from 0 @1: x@1"])
    }

    @Test("a claim does not wait for events that its session sends after it")
    func claimUnderLoad() async throws {
        defer { end() }
        let second = FakeLink()
        let claimant = await one.hub.attach(second)
        await one.receive(try .emit("x"))
        await one.hub.receive([try .claim("A", nil)], from: claimant)
        await one.receive(try .emit("y"))
        await deliver(1)
        // The link of the owner is drained now, and "y" may be from before the client moved.
        await one.receive(try .emit("z"))
        await deliver(1)
        #expect(second.events.contains { $0.hasPrefix("A/1 back") })
    }

    @Test("the requests of a worker that ends are carried out although its events have not come back")
    func workerEnds() async throws {
        defer { end() }
        await one.receive(try .join("A", "r"), try .emit("x", by: "A"), try .leave("A", "r"), try .lose("A"))
        await one.hub.detach(one.worker)
        let second = FakeLink()
        let claimant = await one.hub.attach(second)
        await deliver()
        await one.hub.receive([try .claim("A", nil)], from: claimant)
        #expect(second.events == ["A/1 back from 0 @1: x@1"])
    }

    @Test("a fetch has the sockets of both hosts")
    func fetch() async throws {
        defer { end() }
        let one = one
        await one.receive(try .fetch(7, by: "A"))
        let question = try #require(one.backplane.questions.first)
        #expect(question.question == .sockets(SocketSelection(namespace: "/", rooms: [], exceptions: [])))
        let found = FetchedSocket(id: try SessionID("Z"), rooms: ["q"], data: nil)
        await run {
            one.backplane.deliver(.answered(question.number, .sockets([found])))
            one.backplane.deliver(.questionEnded(question.number, isComplete: true))
        }
        #expect(one.events == ["7 fetched by A A() Z(q)"])
    }

    @Test("a fetch that a host does not answer is refused, and asks no longer")
    func unansweredFetch() async throws {
        defer { end() }
        let one = one
        await one.receive(try .fetch(7, by: "A"))
        #expect(one.backplane.questions.count == 1)
        try await eventually { one.events == ["7 refused"] }
        #expect(one.backplane.questions.isEmpty)
    }

    @Test("a fetch whose answers are lost with the connection is refused")
    func incompleteFetch() async throws {
        defer { end() }
        let one = one
        await one.receive(try .fetch(7, by: "A"))
        let question = try #require(one.backplane.questions.first)
        await run { one.backplane.deliver(.questionEnded(question.number, isComplete: false)) }
        #expect(one.events == ["7 refused"])
    }

    @Test("a question of another host is answered from the hub's table")
    func asked() async throws {
        defer { end() }
        let one = one
        await one.receive(try .join("A", "r"))
        let asker = BackplaneAsker(node: "n", namespace: "/", request: "q")
        let selection = SocketSelection(namespace: "/", rooms: ["r"], exceptions: [])
        await run {
            one.backplane.deliver(.asked(.sockets(selection), asker))
            one.backplane.deliver(.asked(.rooms(namespace: "/"), asker))
        }
        let id = try SessionID("A" as Character)
        #expect(
            one.backplane.answers == [
                .sockets([FetchedSocket(id: id, rooms: ["r"], data: nil)]), .rooms([id.description, "r"].sorted()),
            ])
    }

    @Test("an event for clients of both hosts gets the answers of both")
    func inquiry() async throws {
        defer { end() }
        let one = one
        let target = Inquiry.Target.clients(.event("x"))
        await one.receive(.inquire(Inquiry(number: 3, target: target, maxBytes: 1000), sender: nil))
        let question = try #require(one.backplane.questions.first)
        let value = EncodedArguments(text: Array("1".utf8), attachments: [])
        await run {
            one.backplane.deliver(.answered(question.number, .acknowledgement(value)))
            one.backplane.deliver(.questionEnded(question.number, isComplete: true))
        }
        // This host's own client has not answered yet.
        #expect(one.events.suffix(2) == ["answers to 3: 1, open", "answers to 3: open"])
    }

    @Test("an event of another host for clients is answered with their number and each answer")
    func askedClients() async throws {
        defer { end() }
        let one = one
        let asker = BackplaneAsker(node: "n", namespace: "/", request: "q")
        await run { one.backplane.deliver(.asked(.clients(.event("x")), asker)) }
        #expect(one.backplane.answers == [.clientCount(1)])
        let inquired = try #require(one.events.last)
        let number = try #require(UInt64(inquired.dropFirst("inquiry ".count).prefix { $0 != ":" }))
        let value = EncodedArguments(text: Array("1".utf8), attachments: [])
        await one.receive(.answer(InquiryReport(number: number, answers: [.arguments(value)], state: .complete)))
        #expect(one.backplane.answers == [.clientCount(1), .acknowledgement(value)])
    }
}
