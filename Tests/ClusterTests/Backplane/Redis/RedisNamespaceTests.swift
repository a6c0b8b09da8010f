import Actors
import Testing

@testable import Cluster

@Suite("A namespace at a Redis server")
struct RedisNamespaceTests {
    private var sender = RedisNamespace("/chat", prefix: "p", random: 1)
    private var receiver = RedisNamespace("/chat", prefix: "p", random: 2)

    /// The stamp of the sender's next message.
    private mutating func send(_ number: UInt64) throws -> EventStamp {
        let message = OutgoingMessage(number: number, row: nil, message: .marker(namespace: "/chat"))
        let (channel, payload) = sender.encode(message, node: "n")
        return try stamp(payload, channel)
    }

    private func stamp(_ payload: [UInt8], _ channel: String) throws -> EventStamp {
        guard case .message(_, let stamp?) = try receiver.decode(payload, from: channel) else {
            throw FormatError.missing(.chatd)
        }
        return stamp
    }

    @Test(
        "the channels to subscribe to",
        arguments: [RedisPubSub.classic, .sharded(.static), .sharded(.dynamic), .streams])
    func channels(pubSub: RedisPubSub) {
        let namespace = RedisNamespace("/chat", pubSub, prefix: "p", random: 1)
        let own = "p-chatd#/chat#"
        switch pubSub {
        case .classic:
            #expect(
                namespace.exact == [
                    "p-request#/chat#", "p-response#/chat#", "p-response#/chat#\(namespace.uid)#", own,
                ])
            #expect(namespace.dialect.pattern == "p#/chat#*")
        case .sharded(let mode):
            let channels = ["p#/chat#", "p#/chat#0000000000000001#", own]
            #expect(namespace.exact == channels + (mode == .static ? [] : ["\(own)0000000000000001#"]))
            #expect(namespace.dialect.pattern == nil)
        case .streams:
            #expect(namespace.exact == ["p#/chat#", "p#/chat#0000000000000001#", own])
            #expect(namespace.dialect.pattern == nil)
        }
    }

    @Test("a marker of a room comes back to its host alone, and does not count as a message that others can miss")
    func roomMarker() throws {
        var namespace = RedisNamespace("/chat", .sharded(.dynamic), prefix: "p", random: 1)
        let room = BackplaneRoom(namespace: "/chat", name: "r")
        let messages = [
            OutgoingMessage(number: 1, row: nil, message: .marker(namespace: "/chat")),
            OutgoingMessage(number: 2, row: 7, message: .roomMarker(room)),
            OutgoingMessage(number: 3, row: 7, message: .marker(namespace: "/chat")),
        ]
        let sent = messages.map { namespace.encode($0, node: "n") }
        let own = "p-chatd#/chat#"
        #expect(sent.map(\.channel) == [own, "\(own)0000000000000001#", own])
        let stamps = try sent.map { channel, payload -> EventStamp? in
            guard case .message(.marker, let stamp) = try namespace.decode(payload, from: channel) else { return nil }
            return stamp
        }
        #expect(stamps[1] == EventStamp(node: "n", number: 2, row: nil))
        #expect(stamps[2] == EventStamp(node: "n", number: 3, previous: 1, row: 7))
    }

    @Test("each message names the one before it, and none before the first")
    mutating func previous() throws {
        #expect(try send(3).previous == nil)
        #expect(try send(7).previous == 3)
        #expect(try send(8).previous == 7)
    }

    @Test("numbers of other namespaces are not missed")
    mutating func skips() throws {
        #expect(receiver.numbers.see(try send(3)) == .first)
        #expect(receiver.numbers.see(try send(70)) == .next)
    }

    @Test("a message that a receiver has not seen is a gap, once")
    mutating func gap() throws {
        _ = receiver.numbers.see(try send(3))
        _ = try send(7)
        #expect(receiver.numbers.see(try send(8)) == .gap)
        #expect(receiver.numbers.see(try send(9)) == .next)
    }

    @Test("the latest number is told again, so that a lost last message is noticed")
    mutating func latest() throws {
        #expect(sender.latestBefore(node: "n") == nil)
        _ = receiver.numbers.see(try send(3))
        let lost = try send(7)
        sender.numbers.connectionEnded(forgetsOthers: true)
        for expected in [EventNumbers.Sighting.gap, .late] {
            let marker = try #require(sender.latestBefore(node: "n"))
            #expect(receiver.numbers.see(try stamp(marker.payload, marker.channel)) == expected)
        }
        #expect(receiver.numbers.see(lost) == .late)
    }

    @Test("a host whose messages do not name earlier ones causes no gap")
    mutating func silent() {
        #expect(receiver.numbers.see(EventStamp(node: "n", number: 3, row: nil)) == .first)
        #expect(receiver.numbers.see(EventStamp(node: "n", number: 9, row: nil)) == .next)
    }

    @Test("repeated and old numbers are late")
    mutating func old() {
        for (number, expected) in [(9, EventNumbers.Sighting.first), (9, .late), (3, .late)] {
            let stamp = EventStamp(node: "n", number: number, previous: number - 1, row: nil)
            #expect(receiver.numbers.see(stamp) == expected)
        }
        #expect(receiver.numbers.see(EventStamp(node: "n", number: 10, previous: 9, row: nil)) == .next)
    }

    @Test("after a new connection, every host is a new one")
    mutating func forgetting() {
        _ = receiver.numbers.see(EventStamp(node: "n", number: 3, row: nil))
        receiver.numbers.connectionEnded(forgetsOthers: true)
        #expect(receiver.numbers.see(EventStamp(node: "n", number: 9, previous: 8, row: nil)) == .first)
    }

    @Test("the number of hosts is bounded")
    mutating func bounded() {
        for host in 0...EventNumbers.maxHosts {
            #expect(receiver.numbers.see(EventStamp(node: "\(host)", number: 1, row: nil)) == .first)
        }
        #expect(receiver.numbers.see(EventStamp(node: "0", number: 2, row: nil)) == .first)
        #expect(receiver.numbers.see(EventStamp(node: "\(EventNumbers.maxHosts)", number: 2, row: nil)) == .next)
    }
}
