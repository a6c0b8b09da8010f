import Persistence
import Testing
import Transport

@testable import Actors

@Suite("Stream gathering: pieces in stream order")
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

    private static func summary(_ delivery: StreamGathering.Delivery) -> String {
        switch delivery {
        case .events(let run): "\(run.events.count) for \(run.audience.rooms.joined())"
        case .messages(let run, let through): "\(run.count) through \(through)"
        }
    }

    /// Processes a batch of the stream.
    /// - Returns: The deliveries, and `alone` for each event that is applied individually.
    private static func apply(_ events: [HubEvent], to stream: inout StreamGathering) -> [String] {
        var steps: [String] = []
        for event in events {
            if let due = stream.due(before: event) { steps.append(summary(due)) }
            if !stream.gather(event) {
                stream.advance(past: event)
                steps.append("alone")
            }
            if let full = stream.finishIfFull() { steps.append(summary(full)) }
        }
        if let rest = stream.finish() { steps.append(summary(rest)) }
        return steps
    }

    private static func stream(pieceLimit: Int = 1 << 20) -> StreamGathering {
        StreamGathering(feed: MessageFeed(ringCapacity: 1 << 20), pieceLimit: pieceLimit)
    }

    @Test("consecutive events with the same audience form one piece, in stream order with all other events")
    func order() {
        var stream = Self.stream()
        let steps = Self.apply(
            [
                Self.event("a", to: "r", at: 1), Self.event("b", to: "r", at: 2), Self.event("c", to: "s", at: 3),
                Self.message(1), Self.message(2), .joined(Self.id, room: "r"), Self.event("d", to: "r", at: 4),
                .dataRecorded(Self.id), Self.message(3),
            ], to: &stream)
        #expect(
            steps == ["2 for r", "1 for s", "2 through 2", "alone", "1 for r", "alone", "1 through 3"])
    }

    @Test("gathering an event that is applied individually has no effect")
    func refuses() {
        var stream = Self.stream()
        #expect(!stream.gather(.registered(Self.id, position: 2)) && stream.appliedPosition == 0)
        #expect(!stream.gather(.subscribed(Self.id, lastPublished: 5, highest: 5)) && stream.feed.applied == 0)
        #expect(stream.finish() == nil)
    }

    @Test("a piece above the limit is delivered before the batch ends", arguments: [(1, 3), (1 << 20, 1)])
    func pieces(limit: Int, count: Int) {
        var stream = Self.stream(pieceLimit: limit)
        #expect(Self.apply((1...3).map { Self.message($0) }, to: &stream).count == count)
        #expect(Self.apply((1...3).map { Self.event("a", to: "r", at: $0) }, to: &stream).count == count)
    }

    @Test("the applied position is the highest position of the events so far")
    func position() {
        var stream = Self.stream()
        let recovered = RecoveredSession(
            key: SessionKey(id: Self.id), privateID: Self.id, rooms: [], data: nil, missed: [], startRow: 0,
            rowLimit: .max, position: 9)
        let events: [(HubEvent, UInt64)] = [
            (.registered(Self.id, position: 2), 2), (Self.event("a", to: "r", at: 4), 4), (Self.message(1, at: 6), 6),
            (.claimed(1, .recovered(recovered)), 9), (Self.message(2, at: 8), 9), (.dataRecorded(Self.id), 9),
        ]
        for (event, position) in events {
            _ = Self.apply([event], to: &stream)
            #expect(stream.appliedPosition == position)
        }
    }

    @Test("a subscription's answer sets the start of the feed, even for an unknown socket")
    func flows() {
        var stream = Self.stream()
        _ = Self.apply([.subscribed(Self.id, lastPublished: 5, highest: 5), Self.message(7)], to: &stream)
        #expect(stream.feed.applied == 7)
        #expect(stream.feed.recent(after: 0, through: 7, limit: .max) == nil)
        #expect(stream.feed.recent(after: 5, through: 7, limit: .max)?.messages.map(\.id) == [7])
    }
}
