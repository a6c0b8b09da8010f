import Testing

@testable import Cluster

@Suite("The channels of rooms")
struct RedisRoomsTests {
    private var rooms = RedisRooms(limit: 2)

    @Test("a channel is subscribed to once, until the room is closed")
    mutating func oneRoom() {
        #expect(rooms.open("p#/#a#", in: "/") == .subscribe)
        #expect(rooms.open("p#/#a#", in: "/") == .isOpen)
        #expect(rooms.channels == ["p#/#a#"] && rooms.namespaces(of: "p#/#a#") == ["/"])
        #expect(rooms.close("p#/#a#", in: "/") == true)
        #expect(rooms.close("p#/#a#", in: "/") == false)
        #expect(rooms.channels.isEmpty && rooms.namespaces(of: "p#/#a#").isEmpty)
    }

    @Test("rooms of two namespaces may have one channel")
    mutating func sharedChannel() {
        #expect(rooms.open("p#/a#b#c#", in: "/a") == .subscribe)
        #expect(rooms.open("p#/a#b#c#", in: "/a#b") == .isOpen)
        #expect(rooms.close("p#/a#b#c#", in: "/a") == false)
        #expect(rooms.namespaces(of: "p#/a#b#c#") == ["/a#b"])
        #expect(rooms.close("p#/a#b#c#", in: "/a#b") == true)
    }

    @Test("the number of channels is bounded")
    mutating func bounded() {
        for name in ["a", "b"] { #expect(rooms.open(name, in: "/") == .subscribe) }
        #expect(rooms.open("c", in: "/") == .refused)
        #expect(rooms.open("a", in: "/") == .isOpen)
        #expect(rooms.close("c", in: "/") == false)
        #expect(rooms.close("a", in: "/") == true)
        #expect(rooms.open("c", in: "/") == .subscribe)
    }

    @Test("the size of the names is bounded")
    mutating func boundedNames() {
        rooms = RedisRooms(nameLimit: 5)
        #expect(rooms.open("abcdef", in: "/") == .refused)
        #expect(rooms.open("abc", in: "/") == .subscribe)
        #expect(rooms.open("def", in: "/") == .refused)
        #expect(rooms.open("de", in: "/") == .subscribe)
        #expect(rooms.close("abc", in: "/") == true)
        #expect(rooms.open("fgh", in: "/") == .subscribe)
    }
}
