import Actors
import Testing

@testable import Cluster

@Suite("A host's own messages on their way to the broker and back")
struct OutgoingMessagesTests {
    private static let patience = Duration.seconds(2)
    private let start = ContinuousClock.now
    private let origin = MessageOrigin(incarnation: Incarnation(number: 1), session: nil)
    private var outgoing: OutgoingMessages

    init() {
        outgoing = OutgoingMessages(patience: Self.patience, at: start)
    }

    private mutating func append(_ texts: String...) {
        for text in texts { _ = outgoing.append(.event(.event(text)), from: origin, credit: 1) }
    }

    /// The messages that can be sent, each with its number.
    private mutating func unsent() -> [String] {
        outgoing.takeUnsent(row: nil, at: start).map { "\($0.number) \(text(of: $0.message))" }
    }

    private mutating func returned(_ number: UInt64) -> [String] {
        outgoing.returned(number).map { text(of: $0.message) }
    }

    private func text(of message: BackplaneMessage) -> String {
        switch message {
        case .event(let broadcast): String(decoding: broadcast.event.text, as: UTF8.self)
        case .marker: "marker"
        case .roomMarker: "marker of a room"
        case .host: "host message"
        case .change, .serverEvent: "other"
        }
    }

    @Test("messages wait for the first connection, and follow its marker")
    mutating func first() {
        append("a", "b")
        #expect(unsent() == [])
        outgoing.connected(at: start)
        #expect(unsent() == ["1 marker", "2 a", "3 b"])
        append("c")
        #expect(unsent() == ["4 c"])
        #expect(unsent() == [])
    }

    @Test("each message is applied when it comes back")
    mutating func comesBack() {
        outgoing.connected(at: start)
        append("a", "b")
        _ = outgoing.takeUnsent(row: nil, at: start)
        #expect(returned(1) == [])
        #expect(returned(2) == ["a"])
        #expect(returned(3) == ["b"])
    }

    @Test("lost messages are applied before the next one that comes back")
    mutating func lost() {
        outgoing.connected(at: start)
        append("a", "b", "c")
        _ = outgoing.takeUnsent(row: nil, at: start)
        #expect(returned(3) == ["a", "b"])
        #expect(returned(2) == [], "the broker had it after all")
        #expect(returned(4) == ["c"])
    }

    @Test("after a new connection the marker tells what is lost, and nothing is sent twice")
    mutating func reconnected() {
        outgoing.connected(at: start)
        append("a")
        _ = outgoing.takeUnsent(row: nil, at: start)
        outgoing.disconnected(at: start)
        append("b")
        #expect(unsent() == [])
        outgoing.connected(at: start)
        #expect(unsent() == ["3 marker", "4 b"])
        #expect(returned(3) == ["a"])
        #expect(returned(4) == ["b"])
    }

    @Test("messages of earlier connections are applied when the next one begins")
    mutating func begun() {
        outgoing.connected(at: start)
        append("a", "b", "c")
        _ = unsent()
        outgoing.disconnected(at: start)
        append("d")
        #expect(outgoing.begin(after: 3).map { text(of: $0.message) } == ["a", "b"])
        outgoing.connected(at: start)
        #expect(unsent() == ["5 marker", "6 d"])
        #expect(returned(3) == [], "the broker had it after all")
        #expect(returned(4) == ["c"], "the next connection had it")
        #expect(returned(5) == [])
    }

    @Test("after the patience the host applies its messages alone, and drops them when they come back")
    mutating func cutOff() {
        outgoing.connected(at: start)
        append("a")
        _ = outgoing.takeUnsent(row: nil, at: start)
        outgoing.disconnected(at: start)
        append("b")
        #expect(outgoing.deadline == start + Self.patience)
        #expect(outgoing.expire(at: start + .milliseconds(1999)).isEmpty && !outgoing.isCutOff)
        #expect(outgoing.expire(at: start + Self.patience).map { text(of: $0.message) } == ["a", "b"])
        #expect(outgoing.isCutOff && outgoing.deadline == nil)
        append("c")
        outgoing.connected(at: start)
        append("d")
        #expect(unsent() == ["3 marker", "4 d"])
        #expect(returned(2) == [], "it was applied while the host was cut off")
        #expect(returned(3) == [])
        #expect(returned(4) == ["d"])
    }

    @Test("a connection that comes back in time starts the patience anew")
    mutating func patience() {
        outgoing.connected(at: start)
        outgoing.disconnected(at: start)
        outgoing.disconnected(at: start + .seconds(1))
        #expect(outgoing.deadline == start + Self.patience)
        outgoing.connected(at: start)
        #expect(outgoing.deadline == nil)
        _ = unsent()
        _ = returned(1)
        outgoing.disconnected(at: start + .seconds(3))
        #expect(outgoing.deadline == start + .seconds(5))
        #expect(outgoing.expire(at: start + .seconds(4)).isEmpty)
    }

    @Test("connections on which nothing comes back do not start it anew")
    mutating func refusing() {
        outgoing.connected(at: start)
        _ = unsent()
        _ = returned(1)
        outgoing.disconnected(at: start)
        append("a")
        for _ in 0..<3 {
            outgoing.connected(at: start + .seconds(1))
            _ = unsent()
            outgoing.disconnected(at: start + .seconds(1))
        }
        #expect(outgoing.deadline == start + Self.patience)
        #expect(outgoing.expire(at: start + Self.patience).map { text(of: $0.message) } == ["a"])
        // Also behind that.
        outgoing.connected(at: start + .seconds(9))
        append("b")
        _ = unsent()
        outgoing.disconnected(at: start + .seconds(9))
        #expect(outgoing.expire(at: start + .seconds(9)).map { text(of: $0.message) } == ["b"])
        #expect(outgoing.isCutOff)
    }

    @Test("a message that the broker has dropped is known to be lost after a while, without another one")
    mutating func overdue() {
        outgoing.connected(at: start)
        append("a", "b")
        _ = outgoing.takeUnsent(row: nil, at: start)
        append("c")
        _ = outgoing.takeUnsent(row: nil, at: start + .seconds(5))
        #expect(outgoing.expire(at: start + .milliseconds(5999)).isEmpty && unsent() == [])
        for (seconds, marker) in [(6, 5), (12, 6)] as [(Int, Int)] {
            #expect(outgoing.expire(at: start + .seconds(seconds)).isEmpty)
            #expect(unsent() == ["\(marker) marker"])
            #expect(outgoing.expire(at: start + .seconds(seconds + 5)).isEmpty && unsent() == [])
        }
        #expect(returned(3) == ["a", "b"])
        #expect(returned(6) == ["c"])
    }

    @Test("a message is overdue until it comes back, or another connection begins")
    mutating func overdueMessage() {
        outgoing.connected(at: start)
        append("a", "b")
        _ = outgoing.takeUnsent(row: nil, at: start)
        #expect(outgoing.overdueMessage(at: start + .milliseconds(5999)) == nil)
        #expect(outgoing.overdueMessage(at: start + .seconds(6)) == 2)
        #expect(returned(2) == ["a"])
        #expect(outgoing.overdueMessage(at: start + .seconds(6)) == 3)
        outgoing.disconnected(at: start + .seconds(6))
        #expect(outgoing.overdueMessage(at: start + .seconds(6)) == nil)
        #expect(outgoing.begin(after: 3).map { text(of: $0.message) } == ["b"])
        outgoing.connected(at: start + .seconds(6))
        #expect(outgoing.overdueMessage(at: start + .seconds(60)) == nil)
    }

    @Test("each message gets a ticket in the order of the calls")
    mutating func tickets() {
        let tickets = (0..<3).map { _ in outgoing.append(.marker(namespace: "/"), from: origin, credit: 0).ticket }
        #expect(tickets == [1, 2, 3])
    }
}
