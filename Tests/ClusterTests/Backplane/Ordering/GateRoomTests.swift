import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Sockets that join rooms which must be opened")
struct GateRoomTests {
    private let start = ContinuousClock.now
    private let worker = Incarnation(number: 1)
    private var gate: BackplaneGate

    /// A gate whose main namespace is open.
    init() throws {
        gate = BackplaneGate(patience: .seconds(2), at: start)
        gate.connected(at: start)
        #expect(receive(try .register("A")) == ["open /"])
        #expect(takeUnsent() == ["marker", "marker"])
        #expect(returned(2) == ["register"])
    }

    private mutating func receive(_ request: HubRequest) -> [String] {
        words(
            gate.receive(
                request, from: worker, isOwn: { _, _ in false }, expand: { [$0] },
                joined: { _, room, namespace in
                    room.hasPrefix("#") ? BackplaneRoom(namespace: namespace ?? "/", name: room) : nil
                }))
    }

    private mutating func returned(_ number: UInt64) -> [String] {
        words(gate.returned(number))
    }

    private mutating func takeUnsent() -> [String] {
        gate.takeUnsent(row: nil, at: start).map { message in
            if case .roomMarker(let room) = message.message {
                "marker of \(room.namespace) \(room.name)"
            } else {
                "marker"
            }
        }
    }

    private func words(_ steps: [BackplaneGate.Step]) -> [String] {
        steps.compactMap { step in
            switch step {
            case .open(let namespace): "open \(namespace)"
            case .openRoom(let room): "open \(room.namespace) \(room.name)"
            case .carryOut(.register, _): "register"
            case .carryOut(.join(_, let room), _): "join \(room)"
            case .carryOut(.leave(_, let room), _): "leave \(room)"
            case .carryOut: "other"
            case .apply, .warn, .returned, .drop, .refuse: nil
            }
        }
    }

    @Test("a socket joins when the messages to the room arrive, and its later requests wait")
    mutating func join() throws {
        #expect(receive(try .join("A", "#room")) == ["open / #room"])
        #expect(receive(try .leave("A", "other")) == [])
        #expect(receive(try .leave("B", "other")) == ["leave other"])
        #expect(takeUnsent() == ["marker of / #room"])
        #expect(returned(3) == ["join #room", "leave other"])
        #expect(receive(try .join("B", "#room")) == ["join #room"])
    }

    @Test("a room that need not be opened is joined at once")
    mutating func otherRoom() throws {
        #expect(receive(try .join("A", "room")) == ["join room"])
        #expect(takeUnsent() == [])
    }

    @Test("a second socket that joins meanwhile waits too")
    mutating func second() throws {
        #expect(receive(try .join("A", "#room")) == ["open / #room"])
        #expect(receive(try .join("B", "#room")) == ["open / #room"])
        #expect(takeUnsent() == ["marker of / #room", "marker of / #room"])
        #expect(returned(3) == ["join #room"])
        #expect(returned(4) == ["join #room"])
    }

    @Test("a socket whose registration waits joins a room of its namespace")
    mutating func unregistered() throws {
        #expect(receive(try .register("B", in: "/n")) == ["open /n"])
        #expect(receive(try .join("B", "#room")) == ["open /n #room"])
        #expect(takeUnsent() == ["marker", "marker of /n #room"])
        #expect(returned(3) == ["register"])
        #expect(returned(4) == ["join #room"])
        // The namespace of a registered socket comes from the hub.
        #expect(receive(try .join("B", "#other")) == ["open / #other"])
    }

    @Test("a host that is cut off does not wait")
    mutating func cutOff() throws {
        gate.disconnected(at: start)
        _ = gate.expire(at: start + .seconds(2))
        #expect(receive(try .join("A", "#room")) == ["open / #room", "join #room"])
        #expect(receive(try .join("B", "#room")) == ["join #room"])
    }

    @Test("a room is closed unless a socket is about to join it, and must be opened again")
    mutating func closing() throws {
        let room = BackplaneRoom(namespace: "/", name: "#room")
        _ = receive(try .join("A", "#room"))
        #expect(gate.close(room) == false)
        _ = takeUnsent()
        _ = returned(3)
        #expect(gate.close(room) == true)
        #expect(receive(try .join("A", "#room")) == ["open / #room"])
    }
}
