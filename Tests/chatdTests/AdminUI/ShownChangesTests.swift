import Testing

@testable import chatd

@Suite("Changes that dashboards are shown together")
struct ShownChangesTests {
    private func change(_ room: String) -> ShownEvent { ShownEvent("room_left", "/", "\(room)") }

    @Test("changes are returned in their order, once")
    func order() {
        var changes = ShownChanges(maxCount: 2, maxBytes: 1000)
        #expect(changes.take() == [])
        changes.add(change("a"))
        changes.add(change("b"))
        #expect(changes.take() == [change("a"), change("b")])
        #expect(changes.take() == [])
    }

    @Test("one more than the limit forgets all, until they are taken", arguments: [(2, 1000), (1000, 40)])
    func limit(maxCount: Int, maxBytes: Int) {
        var changes = ShownChanges(maxCount: maxCount, maxBytes: maxBytes)
        changes.add(change("12345"))
        changes.add(change("12345"))
        #expect(changes.events?.count == 2)
        changes.add(change("1"))
        #expect(changes.events == nil)
        changes.add(change("1"))
        #expect(changes.take() == nil)
        changes.add(change("1"))
        #expect(changes.take() == [change("1")])
    }
}
