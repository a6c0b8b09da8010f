import Persistence
import Testing
import Transport

@testable import Actors

@Suite("Stream gathering: pieces, and the order of the stream")
struct StreamGatheringTests {
    private static let id = SessionID.random()

    private static func event(_ name: String, to room: String, at position: UInt64) -> HubEvent {
        let event = EncodedEvent(text: Array("42[\"\(name)\"]".utf8))
        return .broadcast(
            Broadcast(namespace: "/", rooms: [room], exceptions: [], event: event, isVolatile: false),
            position: position)
    }

    private static func message(_ id: Int64, at position: UInt64 = 0) -> HubEvent {
        .message(StoredMessage(id: id, content: []), position: position)
    }

    private static func words(_ delivery: StreamGathering.Delivery) -> String {
        switch delivery {
        case .events(let run): "\(run.events.count) for \(run.audience.rooms.joined())"
        case .messages(let run, let through): "\(run.count) through \(through)"
        }
    }

    /// What a batch of the stream leads to: deliveries, and events that are applied by themselves.
    private static func apply(_ events: [HubEvent], to stream: inout StreamGathering) -> [String] {
        var steps: [String] = []
        for event in events {
            if let due = stream.due(before: event) { steps.append(words(due)) }
            if !stream.take(event) {
                stream.pass(event)
                steps.append("alone")
            }
            if let full = stream.takeFull() { steps.append(words(full)) }
        }
        if let rest = stream.finish() { steps.append(words(rest)) }
        return steps
    }

    private static func stream(pieceLimit: Int = 1 << 20) -> StreamGathering {
        StreamGathering(feed: MessageFeed(ringCapacity: 1 << 20), pieceLimit: pieceLimit)
    }

    @Test("events for the same sockets go together, others and everything else behind them")
    func order() {
        var stream = Self.stream()
        let steps = Self.apply(
            [
                Self.event("a", to: "r", at: 1), Self.event("b", to: "r", at: 2), Self.event("c", to: "s", at: 3),
                Self.message(1), Self.message(2), .joined(Self.id, room: "r"), Self.event("d", to: "r", at: 4),
                .dataNoted(Self.id), Self.message(3),
            ], to: &stream)
        #expect(
            steps == ["2 for r", "1 for s", "2 through 2", "alone", "1 for r", "alone", "1 through 3"])
    }

    @Test("an event that is applied by itself is refused without any effect")
    func refuses() {
        var stream = Self.stream()
        #expect(!stream.take(.registered(Self.id, position: 2)) && stream.appliedPosition == 0)
        #expect(!stream.take(.subscribed(Self.id, lastPublished: 5, highest: 5)) && stream.feed.applied == 0)
        #expect(stream.finish() == nil)
    }

    @Test("a large piece does not wait for the end of the batch", arguments: [(1, 3), (1 << 20, 1)])
    func pieces(limit: Int, count: Int) {
        var stream = Self.stream(pieceLimit: limit)
        #expect(Self.apply((1...3).map { Self.message($0) }, to: &stream).count == count)
        #expect(Self.apply((1...3).map { Self.event("a", to: "r", at: $0) }, to: &stream).count == count)
    }

    @Test("the position is that of the last event that has one")
    func position() {
        var stream = Self.stream()
        let recovered = RecoveredSession(
            key: SessionKey(id: Self.id), privateID: Self.id, rooms: [], data: nil, missed: [], startRow: 0,
            rowLimit: .max, position: 9)
        let events: [(HubEvent, UInt64)] = [
            (.registered(Self.id, position: 2), 2), (Self.event("a", to: "r", at: 4), 4), (Self.message(1, at: 6), 6),
            (.claimed(1, .recovered(recovered)), 9), (Self.message(2, at: 8), 9), (.dataNoted(Self.id), 9),
        ]
        for (event, position) in events {
            _ = Self.apply([event], to: &stream)
            #expect(stream.appliedPosition == position)
        }
    }

    @Test("the answer to a subscription says from where messages flow, whoever asked")
    func flows() {
        var stream = Self.stream()
        _ = Self.apply([.subscribed(Self.id, lastPublished: 5, highest: 5), Self.message(7)], to: &stream)
        #expect(stream.feed.applied == 7)
        #expect(stream.feed.recent(after: 0, through: 7, limit: .max) == nil)
        #expect(stream.feed.recent(after: 5, through: 7, limit: .max)?.messages.map(\.id) == [7])
    }
}
