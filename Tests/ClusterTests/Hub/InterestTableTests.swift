import Testing

@testable import Cluster

@Suite("Interest table: the incarnations of each audience")
struct InterestTableTests {
    let first = Incarnation(number: 1)
    let second = Incarnation(number: 2)
    let third = Incarnation(number: 3)
    var table = InterestTable()

    @Test("an audience without sockets has no incarnations")
    func empty() {
        #expect(table.incarnations(of: .messages).isEmpty)
        #expect(table.incarnations(ofAny: [.messages, .everyone(namespace: "/")]).isEmpty)
    }

    @Test("an incarnation's interest ends with its last socket in the audience")
    mutating func counted() {
        table.add(first, to: .messages)
        table.add(first, to: .messages)
        table.remove(first, from: .messages)
        #expect(table.incarnations(of: .messages) == [first])
        table.remove(first, from: .messages)
        #expect(table.incarnations(of: .messages).isEmpty)
    }

    @Test("incarnations are returned in order of their numbers")
    mutating func ordered() {
        for incarnation in [third, first, second] { table.add(incarnation, to: .room("r", namespace: "/")) }
        #expect(table.incarnations(of: .room("r", namespace: "/")) == [first, second, third])
    }

    @Test("for several audiences each incarnation is returned once, in order of their numbers")
    mutating func union() {
        table.add(third, to: .room("a", namespace: "/"))
        table.add(first, to: .room("b", namespace: "/"))
        table.add(third, to: .room("b", namespace: "/"))
        let rooms = [InterestTable.Audience.room("a", namespace: "/"), .room("b", namespace: "/")]
        #expect(table.incarnations(ofAny: rooms) == [first, third])
        #expect(table.incarnations(ofAny: [rooms[0]]) == [third])
        #expect(table.incarnations(ofAny: []).isEmpty)
    }

    @Test(
        "rooms of one name in different namespaces are separate, and a room is separate from everyone in its namespace"
    )
    mutating func namespaces() {
        table.add(first, to: .room("r", namespace: "/"))
        #expect(table.incarnations(of: .room("r", namespace: "/other")).isEmpty)
        #expect(table.incarnations(of: .everyone(namespace: "/")).isEmpty)
        #expect(table.incarnations(of: .everyone(namespace: "r")).isEmpty)
    }

    @Test("removing an absent entry changes nothing")
    mutating func stray() {
        table.add(first, to: .messages)
        table.remove(second, from: .messages)
        table.remove(first, from: .everyone(namespace: "/"))
        #expect(table.incarnations(of: .messages) == [first])
    }
}
