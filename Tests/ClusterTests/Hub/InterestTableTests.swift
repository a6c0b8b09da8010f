import Testing

@testable import Cluster

@Suite("Interest table: which incarnations want what")
struct InterestTableTests {
    let first = Incarnation(number: 1)
    let second = Incarnation(number: 2)
    let third = Incarnation(number: 3)
    var table = InterestTable()

    @Test("nobody is interested in what nobody asked for")
    func empty() {
        #expect(table.incarnations(of: .messages).isEmpty)
        #expect(table.incarnations(ofAny: [.messages, .everyone(namespace: "/")]).isEmpty)
    }

    @Test("interest is counted: it ends with the last socket that has it")
    mutating func counted() {
        table.add(first, to: .messages)
        table.add(first, to: .messages)
        table.remove(first, from: .messages)
        #expect(table.incarnations(of: .messages) == [first])
        table.remove(first, from: .messages)
        #expect(table.incarnations(of: .messages).isEmpty)
    }

    @Test("incarnations are named in the order of their numbers, whatever order they came in")
    mutating func ordered() {
        for incarnation in [third, first, second] { table.add(incarnation, to: .room("r", namespace: "/")) }
        #expect(table.incarnations(of: .room("r", namespace: "/")) == [first, second, third])
    }

    @Test("of several audiences each incarnation is named once, in the order of the numbers")
    mutating func union() {
        table.add(third, to: .room("a", namespace: "/"))
        table.add(first, to: .room("b", namespace: "/"))
        table.add(third, to: .room("b", namespace: "/"))
        let rooms = [InterestTable.Audience.room("a", namespace: "/"), .room("b", namespace: "/")]
        #expect(table.incarnations(ofAny: rooms) == [first, third])
        #expect(table.incarnations(ofAny: [rooms[0]]) == [third])
        #expect(table.incarnations(ofAny: []).isEmpty)
    }

    @Test("audiences of one name in different namespaces are different, and so are a room and everyone")
    mutating func namespaces() {
        table.add(first, to: .room("r", namespace: "/"))
        #expect(table.incarnations(of: .room("r", namespace: "/other")).isEmpty)
        #expect(table.incarnations(of: .everyone(namespace: "/")).isEmpty)
        #expect(table.incarnations(of: .everyone(namespace: "r")).isEmpty)
    }

    @Test("to remove what is not there changes nothing")
    mutating func stray() {
        table.add(first, to: .messages)
        table.remove(second, from: .messages)
        table.remove(first, from: .everyone(namespace: "/"))
        #expect(table.incarnations(of: .messages) == [first])
    }
}
