import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Hub: missed events depend on the membership at each position")
struct HubReplayTests {
    var hub = HubTranscript(recovery: RecoveryOptions())
    let worker: Incarnation

    init() throws {
        worker = hub.attach()
        hub.receive(try .register("A"), try .register("W"), from: worker)
    }

    /// The events that A missed, after requests before and after its loss.
    private mutating func missed(_ before: [HubRequest], _ after: [HubRequest] = []) throws -> String? {
        hub.receive(before, from: worker)
        hub.receive(try .lose("A"), from: worker)
        hub.receive(after, from: worker)
        hub.receive(try .claim("A", nil), from: worker)
        return hub.newEvents(for: worker).last.map { String($0.drop { $0 != ":" }) }
    }

    @Test("an event ordered before a join is not replayed to the joiner")
    mutating func beforeJoin() throws {
        let before = try [HubRequest.emit("no", to: ["r"]), .join("A", "r"), .emit("yes", to: ["r"])]
        #expect(try missed(before) == ": yes@2")
    }

    @Test("an event ordered before a leave is replayed to the socket that left")
    mutating func beforeLeave() throws {
        let before = try [HubRequest.join("A", "r"), .emit("yes", to: ["r"]), .leave("A", "r"), .emit("no", to: ["r"])]
        #expect(try missed(before) == ": yes@1")
    }

    @Test("a socket that leaves a room and joins it again misses only the events in between")
    mutating func stays() throws {
        let before = try [
            HubRequest.join("A", "r"), .emit("1", to: ["r"]), .leave("A", "r"), .emit("2", to: ["r"]), .join("A", "r"),
            .emit("3", to: ["r"]),
        ]
        #expect(try missed(before, [.emit("4", to: ["r"])]) == ": 1@1 3@3 4@4")
    }

    @Test("exceptions depend on the membership at each position too")
    mutating func exceptions() throws {
        let except = { (text: String) in
            HubRequest.emit(
                Broadcast(
                    namespace: "/", rooms: [], exceptions: ["r"], event: EncodedEvent(text: Array(text.utf8)),
                    isVolatile: false), sender: nil)
        }
        let before = try [except("yes"), .join("A", "r"), except("no"), .leave("A", "r"), except("yes again")]
        #expect(try missed(before) == ": yes@1 yes again@3")
    }

    @Test("an event for several rooms is replayed once")
    mutating func severalRooms() throws {
        let both = try HubRequest.emit("once", to: ["r", "s", SessionID("A").description])
        #expect(try missed([.join("A", "r"), .join("A", "s")], [both]) == ": once@1")
    }

    @Test("direct emits to the socket are replayed, those to others are not")
    mutating func directEmits() throws {
        let own = try HubRequest.emit("mine", to: [SessionID("A").description])
        let foreign = try HubRequest.emit("not mine", to: [SessionID("W").description])
        #expect(try missed([], [foreign, own, foreign]) == ": mine@2")
    }

    @Test("volatile events and events of other namespaces are not replayed")
    mutating func others() throws {
        let volatile = HubRequest.emit(
            Broadcast(
                namespace: "/", rooms: [], exceptions: [], event: EncodedEvent(text: Array("v".utf8)),
                isVolatile: true),
            sender: nil)
        #expect(try missed([], [volatile, .emit("other", in: "/other")]) == ":")
    }

    @Test("a session is recovered if all events trimmed from the log were for others")
    mutating func quietSession() throws {
        var options = RecoveryOptions()
        options.maxEvents = 3
        hub = HubTranscript(recovery: options)
        _ = hub.attach()
        hub.receive(try .register("A"), try .register("W"), try .join("W", "busy"), from: worker)
        let noise = try (0..<10).map { try HubRequest.emit("\($0)", to: ["busy"]) }
        #expect(try missed([.join("A", "r"), .emit("for A", to: ["r"])] + noise.prefix(2)) == ": for A@1")
    }

    @Test(
        "a session is not recovered if an event for it was trimmed from the log",
        arguments: [[], ["r"], ["AAAAAAAAAAAAAAAAAAAA"]])
    mutating func trimmed(rooms: [String]) throws {
        var options = RecoveryOptions()
        options.maxEvents = 3
        hub = HubTranscript(recovery: options)
        _ = hub.attach()
        hub.receive(try .register("A"), try .join("A", "r"), try .register("W"), from: worker)
        let noise = try (0..<10).map { try HubRequest.emit("\($0)", to: ["busy"]) }
        hub.receive([try .emit("lost", to: rooms)] + noise + [try .lose("A"), try .claim("A", nil)], from: worker)
        #expect(hub.newEvents(for: worker).last == "refused")
    }

    @Test("events trimmed before the client's offset do not prevent recovery")
    mutating func trimmedBefore() throws {
        var options = RecoveryOptions()
        options.maxEvents = 3
        hub = HubTranscript(recovery: options)
        _ = hub.attach()
        hub.receive(try .register("A"), from: worker)
        hub.receive(try (1...10).map { try .emit("\($0)") }, from: worker)
        hub.receive(try .lose("A"), try .claim("A", "epoch.8.0"), from: worker)
        #expect(hub.newEvents(for: worker).last == "A/1 back from 0 @10: 9@9 10@10")
    }

    @Test("events are kept for as long as a lost client may come back, and no longer")
    mutating func retention() throws {
        hub.receive(try .emit("x"), from: worker)
        hub.now += .seconds(165)
        hub.receive(try .lose("A"), try .claim("A", nil), from: worker)
        #expect(hub.newEvents(for: worker).last == "A/1 back from 0 @1: x@1")
        hub.now += .seconds(1)
        hub.receive(try .lose("A", epoch: 1), try .claim("A", nil), from: worker)
        #expect(hub.newEvents(for: worker).last == "refused")
        #expect(hub.machine.log?.count == 0)
    }
}
