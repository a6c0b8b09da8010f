import Actors
import Testing
import Transport

@testable import Cluster

@Suite("The order of a host's requests and the messages of all hosts")
struct BackplaneGateTests {
    private let start = ContinuousClock.now
    private let worker = Incarnation(number: 1)
    private var gate: BackplaneGate

    /// A gate whose main namespace is open.
    init() throws {
        gate = BackplaneGate(patience: .seconds(2), at: start)
        gate.connected(at: start)
        #expect(try steps(.register("A")) == ["open /"])
        #expect(unsent() == ["1 marker", "2 marker"])
        #expect(returned(1) == [])
        #expect(returned(2) == ["apply marker", "A registered"])
    }

    private mutating func steps(_ request: HubRequest) -> [String] {
        words(
            gate.receive(request, from: worker, isOwn: { $0.letter == "A" && $1 == "/" }) { broadcast in
                ["/g1", "/g2"].map { .event(String(decoding: broadcast.event.text, as: UTF8.self), in: $0) }
            })
    }

    private mutating func returned(_ number: UInt64) -> [String] {
        words(gate.returned(number))
    }

    private mutating func unsent() -> [String] {
        gate.takeUnsent(row: nil, at: start).map { "\($0.number) \(words($0.message))" }
    }

    private func words(_ steps: [BackplaneGate.Step]) -> [String] {
        steps.map { step in
            switch step {
            case .warn(let reason): "warn: \(reason)"
            case .open(let namespace): "open \(namespace)"
            case .openRoom(let room): "open \(room.namespace) \(room.name)"
            case .returned(let message, let isLost, _): "\(message.words) \(isLost ? "lost" : "returned")"
            case .apply(let message, _, _, _, _): "apply \(words(message))"
            case .carryOut(.register(let registration), _): "\(registration.key.id.letter) registered"
            case .carryOut(.join(let key, let room), _): "\(key.id.letter) joins \(room)"
            case .carryOut(.leave(let key, let room), _): "\(key.id.letter) leaves \(room)"
            case .carryOut(.store(let key, _), _): "\(key.id.letter) stores"
            case .carryOut(.emit(let broadcast, _), _): "local \(text(broadcast))"
            case .carryOut(.fetch, _): "fetch"
            case .carryOut(.countWorkers, _): "count"
            case .carryOut: "other"
            case .drop(let message, _, _, _): "drop \(words(message))"
            case .refuse: "refuse"
            }
        }
    }

    private func words(_ message: BackplaneMessage) -> String {
        switch message {
        case .event(let broadcast): text(broadcast)
        case .change: "change"
        case .serverEvent(let event): event.name
        case .marker: "marker"
        case .roomMarker(let room): "marker of \(room.name)"
        case .host: "host message"
        }
    }

    private func text(_ broadcast: Broadcast) -> String {
        String(decoding: broadcast.event.text, as: UTF8.self)
    }

    @Test("an event goes to the broker, and is applied when it comes back")
    mutating func event() throws {
        #expect(try steps(.emit("x", by: "A")) == [])
        #expect(unsent() == ["3 x"])
        #expect(returned(3) == ["apply x"])
    }

    @Test("a message that other hosts would refuse stays on this host, at its place")
    mutating func refused() throws {
        let tooDeep = #"42["x",\#(String(repeating: "[", count: 501) + String(repeating: "]", count: 501))]"#
        #expect(try steps(.emit(tooDeep, by: "A")) == ["warn: nested deeper than 500 levels"])
        #expect(try steps(.emit("x", by: "A")) == [])
        #expect(unsent() == ["3 marker", "4 x"])
        #expect(returned(3) == ["apply \(tooDeep)"])
        #expect(returned(4) == ["apply x"])
    }

    @Test("joins, leaves and messages wait for the sender's events before them")
    mutating func order() throws {
        #expect(try steps(.emit("x", to: ["r"], by: "A")) == [])
        #expect(try steps(.leave("A", "r")) == [])
        #expect(try steps(.store("A", "row")) == [])
        #expect(try steps(.join("B", "r")) == ["B joins r"])
        #expect(try steps(.emit("y", by: "A")) == [])
        #expect(try steps(.join("A", "s")) == [])
        #expect(unsent() == ["3 x", "4 y"])
        #expect(returned(3) == ["apply x", "A leaves r", "A stores"])
        #expect(returned(4) == ["apply y", "A joins s"])
    }

    @Test("everything of a worker waits for the events of its application")
    mutating func application() throws {
        #expect(try steps(.emit("x")) == [])
        #expect(try steps(.join("B", "r")) == [])
        #expect(try steps(.register("C")) == [])
        #expect(steps(.countWorkersRequest) == ["count"])
        _ = unsent()
        #expect(returned(3) == ["apply x", "B joins r", "C registered"])
    }

    @Test("an event for sockets of this host alone stays here, in its place")
    mutating func direct() throws {
        let own = try SessionID("A" as Character).description
        #expect(try steps(.emit("direct", to: [own])) == ["local direct"])
        #expect(try steps(.emit("x")) == [])
        #expect(try steps(.emit("direct", to: [own])) == [])
        let other = try SessionID("Z" as Character).description
        #expect(try steps(.emit("elsewhere", to: [other])) == [])
        #expect(unsent() == ["3 x", "4 elsewhere"])
        #expect(returned(3) == ["apply x", "local direct"])
    }

    @Test("the first socket of a namespace waits until its messages arrive, later ones do not")
    mutating func namespaces() throws {
        #expect(try steps(.register("C", in: "/n")) == ["open /n"])
        #expect(try steps(.register("D", in: "/n")) == [])
        _ = unsent()
        #expect(returned(3) == ["apply marker", "C registered"])
        #expect(returned(4) == ["apply marker", "D registered"])
        #expect(try steps(.register("E", in: "/n")) == ["E registered"])
    }

    @Test("a namespace that a worker opens is open for the first socket")
    mutating func opening() throws {
        #expect(steps(.open(namespace: "/n")) == ["open /n", "other"])
        #expect(steps(.open(namespace: "/n")) == ["other"])
        #expect(unsent() == ["3 marker", "4 marker"])
        #expect(returned(4) == ["apply marker", "apply marker"])
        #expect(try steps(.register("C", in: "/n")) == ["C registered"])
    }

    @Test("an event for a room named like a socket of another namespace goes to the broker")
    mutating func socketOfAnotherNamespace() throws {
        let own = try SessionID("A" as Character).description
        #expect(try steps(.emit("direct", to: [own])) == ["local direct"])
        let elsewhere = Broadcast.event("x", in: "/n", to: [own])
        #expect(steps(.emit(elsewhere, sender: nil)) == [])
        #expect(unsent() == ["3 x"])
    }

    @Test("an event for a group of namespaces is a message for each of them, and one answer")
    mutating func group() throws {
        #expect(try steps(.emit("x", in: "group", by: "A")) == [])
        #expect(unsent() == ["3 x", "4 x"])
        let answers = (gate.returned(3) + gate.returned(4)).map { step in
            if case .apply(_, _, _, let credit, _) = step { credit != nil } else { false }
        }
        #expect(answers == [false, true])
    }

    @Test("a claim waits for the latest event of its session at that time")
    mutating func claims() throws {
        let session = try SessionID("A" as Character)
        let other = try SessionID("B" as Character)
        #expect(gate.latestMessage(of: session, worker) == nil)
        _ = try steps(.emit("x", by: "A"))
        let ticket = try #require(gate.latestMessage(of: session, worker))
        #expect(gate.latestMessage(of: other, worker) == nil)
        _ = try steps(.emit("y", by: "A"))
        _ = unsent()
        #expect(!gate.hasApplied(ticket))
        _ = returned(3)
        #expect(gate.hasApplied(ticket))
        #expect(gate.latestMessage(of: session, worker) != nil)
    }

    @Test("a host that is cut off applies everything at once")
    mutating func cutOff() throws {
        _ = try steps(.emit("x", by: "A"))
        _ = unsent()
        _ = try steps(.join("A", "r"))
        gate.disconnected(at: start)
        #expect(words(gate.expire(at: start + .seconds(1))) == [])
        #expect(words(gate.expire(at: start + .seconds(2))) == ["apply x", "A joins r"])
        #expect(try steps(.emit("y", by: "A")) == ["apply y"])
        #expect(try steps(.join("A", "s")) == ["A joins s"])
        #expect(try steps(.register("C", in: "/n")) == ["open /n", "apply marker", "C registered"])
        gate.connected(at: start)
        #expect(unsent() == ["4 marker"])
        #expect(returned(3) == [], "it was applied before")
    }

    @Test("with the policy fail, a host that is cut off drops the events that the broker was not given")
    mutating func failing() throws {
        gate = BackplaneGate(patience: .seconds(2), outage: .fail, at: start)
        gate.connected(at: start)
        _ = try steps(.register("A"))
        _ = unsent()
        _ = returned(2)
        _ = try steps(.emit("x", by: "A"))
        _ = unsent()
        gate.disconnected(at: start)
        _ = try steps(.emit("y", by: "A"))
        _ = try steps(.join("A", "r"))
        #expect(words(gate.expire(at: start + .seconds(2))) == ["apply x", "drop y", "A joins r"])
        #expect(try steps(.emit("z", by: "A")) == ["drop z"])
        #expect(try steps(.emit(.event("v", in: "/", isVolatile: true), sender: nil)) == ["apply v"])
        let inquiry = Inquiry(number: 1, target: .clients(.event("q", in: "/")), maxBytes: 1)
        #expect(try steps(.inquire(inquiry, sender: nil)) == ["refuse"])
        #expect(try steps(.register("C", in: "/n")) == ["open /n", "apply marker", "C registered"])
        gate.connected(at: start)
        #expect(try steps(.emit("a", by: "A")) == [])
    }

    @Test("a namespace without sockets is forgotten while no message is on its way")
    mutating func forgotten() throws {
        _ = try steps(.emit("x"))
        let wasForgottenEarly = gate.forget(allBut: [])
        _ = unsent()
        _ = returned(3)
        let wasChecked = gate.forget(allBut: ["/"])
        #expect([wasForgottenEarly, wasChecked] == [false, true])
        #expect(try steps(.register("C")) == ["C registered"])
        _ = gate.forget(allBut: [])
        #expect(try steps(.register("D")) == ["open /"])
    }

    @Test("the requests of a worker that is gone are carried out, its events are applied")
    mutating func detached() throws {
        _ = try steps(.emit("x", by: "A"))
        _ = try steps(.join("A", "r"))
        #expect(words(gate.detach(worker)) == ["A joins r"])
        _ = unsent()
        #expect(returned(3) == ["apply x"])
    }
}

extension HubRequest {
    fileprivate static var countWorkersRequest: HubRequest { .countWorkers(1) }
}
