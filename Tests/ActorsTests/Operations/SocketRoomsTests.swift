import TestSupport
import Testing

@testable import Actors

@Suite("Socket rooms: own calls take effect at once, the hub's changes when they arrive")
struct SocketRoomsTests {
    @Test("a call that changes nothing is not submitted")
    func calls() {
        var rooms = SocketRooms(["a"])
        #expect(!rooms.join("a") && rooms.join("b") && !rooms.join("b") && rooms.leave("a") && !rooms.leave("a"))
        #expect(rooms.all == ["b"])
    }

    @Test("a change has no effect while an own call for the room is in flight, because the call is ordered later")
    func callsInFlight() {
        var rooms = SocketRooms()
        _ = (rooms.join("a"), rooms.join("b"), rooms.leave("b"))
        rooms.apply(.leave(["a"]))
        rooms.apply(.join(["b", "c"]))
        #expect(rooms.all == ["a", "c"])
        for room in ["a", "b", "b"] { rooms.callReturned(for: room) }
        rooms.apply(.leave(["a", "c"]))
        rooms.apply(.join(["b"]))
        #expect(rooms.all == ["b"])
        rooms.callReturned(for: "never called")
        rooms.apply(.disconnect(close: false))
        #expect(rooms.all == ["b"])
    }

    /// The hub orders the socket's calls and other changes; both arrive in that order.
    @Test("once every call has returned, the rooms are those of the hub", arguments: 0..<50 as Range<UInt64>)
    func agreesWithHub(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var (rooms, atHub) = (SocketRooms(), Set<String>())
        var (sent, stream): ([(String, Bool)], [(own: Bool, room: String, joins: Bool)]) = ([], [])
        func apply(_ index: Int) {
            let (own, room, joins) = stream[index]
            if own { rooms.callReturned(for: room) } else { rooms.apply(joins ? .join([room]) : .leave([room])) }
        }
        var applied = 0
        for _ in 0..<300 {
            let room = ["a", "b"][Int(random.next() % 2)]
            let joins = random.next() & 1 == 0
            switch random.next() % 4 {
            case 0: if joins ? rooms.join(room) : rooms.leave(room) { sent.append((room, joins)) }
            case 1:
                guard !sent.isEmpty else { continue }
                let (room, joins) = sent.removeFirst()
                if joins { atHub.insert(room) } else { atHub.remove(room) }
                stream.append((true, room, joins))
            case 2:
                if joins { atHub.insert(room) } else { atHub.remove(room) }
                stream.append((false, room, joins))
            default:
                guard applied < stream.count else { continue }
                apply(applied)
                applied += 1
            }
        }
        for (room, joins) in sent {
            if joins { atHub.insert(room) } else { atHub.remove(room) }
            stream.append((true, room, joins))
        }
        for index in applied..<stream.count { apply(index) }
        #expect(rooms.all == atHub)
    }
}
