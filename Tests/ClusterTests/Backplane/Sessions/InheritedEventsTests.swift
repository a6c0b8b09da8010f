import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("The events of a session's earlier hosts")
struct InheritedEventsTests {
    /// The session was at a, b, c, and a again. At c it had no events.
    private static let stays: [InheritedEvents.Stay] = [("b", 1), ("c", 7), ("a", 15)].map { epoch, position in
        InheritedEvents.Stay(epoch: epoch, position: position)
    }

    private static func make(beginsWithSession: Bool = false) -> InheritedEvents {
        let events = [("a", 5), ("a", 9), ("b", 2), ("a", 20)].map { epoch, position in
            PositionedEvent(event: EncodedEvent(text: []), position: UInt64(position), epoch: epoch)
        }
        return InheritedEvents(
            epoch: "a", position: 3, beginsWithSession: beginsWithSession, events: events, stays: stays)
    }

    private func suffix(_ inherited: InheritedEvents, _ offset: String?) -> InheritedEvents? {
        inherited.suffix(after: offset.flatMap(Offset.init), shared: false)
    }

    @Test(
        "an offset of an earlier host is followed by what comes behind it",
        arguments: [
            ("a.3", 4), ("a.4", 4), ("a.5", 3), ("a.8", 3), ("a.9", 2), ("a.14", 2), ("b.1", 2), ("b.2", 1),
            ("b.9", 1), ("c.7", 1), ("c.9", 1), ("a.15", 1), ("a.19", 1), ("a.20", 0), ("a.21", 0), ("a.2", nil),
            ("b.0", nil), ("c.6", nil), ("d.5", nil), ("1-5", nil), (nil, nil),
        ] as [(String?, Int?)])
    func suffix(offset: String?, count: Int?) throws {
        let suffix = suffix(Self.make(), offset)
        #expect(suffix?.events.count == count)
        // The rest knows the offsets that it needs.
        guard let suffix else { return }
        #expect(suffix.suffix(after: offset.flatMap(Offset.init), shared: false) == suffix)
        #expect(self.suffix(suffix, "a.99")?.events.isEmpty == true)
    }

    @Test("an offset of an earlier session is followed by the whole session")
    func start() {
        let whole = Self.make(beginsWithSession: true)
        for offset in ["a.2", "d.5", nil] { #expect(suffix(whole, offset) == whole) }
        for offset in ["b.2", "c.8"] { #expect(suffix(whole, offset)?.beginsWithSession == false) }
    }

    @Test("forgotten events refuse every earlier offset, and no later one")
    func forget() {
        var inherited = Self.make().appending(InheritedEvents.Stay(epoch: "d", position: 4))
        inherited.forget()
        for offset in ["a.9", "b.2", "c.7", nil] { #expect(suffix(inherited, offset) == nil) }
        for offset in ["a.20", "d.4"] { #expect(suffix(inherited, offset)?.events.isEmpty == true) }
    }

    @Test("the number of hosts is limited: a client without anything since the oldest gets a new session")
    func manyStays() {
        var inherited = Self.make(beginsWithSession: true)
        let first = InheritedEvents.maxStays - Self.stays.count
        for number in 1...first { inherited = inherited.appending(.init(epoch: "e\(number)", position: 0)) }
        #expect(inherited.stays.count == InheritedEvents.maxStays && suffix(inherited, nil)?.events.count == 4)
        inherited = inherited.appending(.init(epoch: "f", position: 0))
        #expect(inherited.stays.count == InheritedEvents.maxStays)
        #expect(suffix(inherited, nil) == nil && suffix(inherited, "a.9") == nil)
        #expect(suffix(inherited, "b.1")?.events.count == 2 && inherited.events.count == 2)
        #expect(suffix(inherited, "f.0")?.events.count == 0)
        for number in 1...1000 { inherited = inherited.appending(.init(epoch: "g\(number)", position: 0)) }
        #expect(inherited.stays.count == InheritedEvents.maxStays && inherited.events.isEmpty)
    }

    @Test("all sessions together keep a limited size for a limited time")
    func sizes() throws {
        var sizes = InheritanceSizes()
        let now = ContinuousClock.now
        for (index, letter) in "ABCD".enumerated() {
            sizes.add(try SessionID(letter), 10, at: now + .seconds(index))
        }
        sizes.remove(try SessionID("A"))
        #expect(sizes.trim(before: now, maxBytes: 30).isEmpty && sizes.byteCount == 30)
        #expect(sizes.trim(before: now, maxBytes: 29).map(\.letter) == ["B"])
        #expect(sizes.trim(before: now + .seconds(3), maxBytes: 29).map(\.letter) == ["C"])
        sizes.add(try SessionID("D"), 40, at: now + .seconds(9))
        #expect(sizes.byteCount == 40)
        #expect(sizes.trim(before: now + .seconds(4), maxBytes: 39).map(\.letter) == ["D"] && sizes.byteCount == 0)
    }
}
