import Testing

@testable import Cluster

@Suite("Rooms of which some messages arrive only while they are open")
struct ArrivingRoomsTests {
    private var rooms = ArrivingRooms()
    private let room = BackplaneRoom(namespace: "/", name: "a")

    @Test("every socket that joins before the messages arrive waits; later ones do not")
    mutating func waiting() {
        for _ in 1...2 { #expect(rooms.mustWait(for: room) == true) }
        rooms.arrived(room)
        #expect(rooms.mustWait(for: room) == false)
        let other = BackplaneRoom(namespace: "/other", name: "a")
        #expect(rooms.mustWait(for: other) == true)
    }

    @Test("a room that a socket is about to join is not closed")
    mutating func closing() {
        _ = (rooms.mustWait(for: room), rooms.mustWait(for: room))
        rooms.arrived(room)
        #expect(rooms.close(room) == false)
        rooms.arrived(room)
        #expect(rooms.close(room) == true)
        #expect(rooms.mustWait(for: room) == true)
    }
}
