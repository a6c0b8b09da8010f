import Testing

@testable import Cluster

@Suite("Backplane formats: channels and keys")
struct ChannelTests {
    private static let hi = FormatSamples.packet(#""hi""#)

    @Test("the channels of the classic adapter")
    func classic() {
        let channels = ClassicChannels(namespace: "/chat")
        #expect(channels.broadcasts == "socket.io#/chat#")
        #expect(channels.requests == "socket.io-request#/chat#")
        #expect(channels.answers == "socket.io-response#/chat#")
        #expect(channels.answers(for: "abcDEF") == "socket.io-response#/chat#abcDEF#")
        #expect(channels.own == "socket.io-chatd#/chat#")
        #expect(channels.pattern == "socket.io#/chat#*")
        #expect(channels.broadcasts(for: MessageTarget()) == "socket.io#/chat#")
        #expect(channels.broadcasts(for: MessageTarget(rooms: ["a"])) == "socket.io#/chat#a#")
        #expect(channels.broadcasts(for: MessageTarget(rooms: ["a", "b"])) == "socket.io#/chat#")
        #expect(ClassicChannels(prefix: "p", namespace: "/").requests == "p-request#/#")
    }

    @Test("special characters of patterns stand for themselves")
    func pattern() {
        #expect(ClassicChannels(prefix: "a*", namespace: "/[b]?\\").pattern == ##"a\*#/\[b]\?\\#*"##)
    }

    @Test(
        "a classic channel has its meaning only in its namespace",
        arguments: [
            ("p#/a#", ClassicChannels.Place.broadcasts(room: nil)), ("p#/a#r#", .broadcasts(room: "r")),
            ("p#/a##", .broadcasts(room: "")), ("p#/a#x#y#", .broadcasts(room: "x#y")),
            ("p-request#/a#", .requests), ("p-response#/a#", .answers(uid: nil)),
            ("p-response#/a#abcDEF#", .answers(uid: "abcDEF")), ("p-chatd#/a#", .own), ("p#/a", nil), ("p#/a#r", nil),
            ("p#/ab#", nil), ("p#/#", nil), ("q#/a#", nil), ("p-request#/a#x#", nil), ("", nil),
        ] as [(String, ClassicChannels.Place?)])
    func classicPlace(channel: String, place: ClassicChannels.Place?) {
        #expect(ClassicChannels(prefix: "p", namespace: "/a").place(of: channel) == place)
    }

    @Test(
        "the namespace of a channel is found, although a namespace may contain the separator",
        arguments: [
            ("p#/#", ["/"]), ("p#/a#", ["/a"]), ("p#/a#r#", ["/a", "/a#r"]), ("p#/a", ["/a"]),
            ("p#/a#b", ["/a", "/a#b"]), ("p#a#", []), ("p#", []), ("q#/a#", []), ("p-request#/a#", []), ("", []),
            ("p#/########", ["/", "/#", "/##", "/###", "/####", "/#####", "/######", "/#######"]),
        ])
    func namespaces(channel: String, namespaces: [String]) {
        #expect(ChannelName.namespaces(of: channel, prefix: "p") == namespaces)
    }

    @Test("a channel of many separators has few candidates")
    func candidates() {
        let channel = "p#/" + String(repeating: "#", count: 1_000_000)
        #expect(ChannelName.namespaces(of: channel, prefix: "p").count == 8)
    }

    @Test("names in different normal forms are different")
    func normalForms() {
        let channels = ClassicChannels(namespace: "/\u{E9}")
        #expect(channels.place(of: "socket.io#/e\u{301}#") == nil)
        #expect(channels.place(of: "socket.io#/\u{E9}#a#") == .broadcasts(room: "a"))
    }

    @Test("the channels of the sharded adapter")
    func sharded() {
        let channels = ShardedChannels(namespace: "/chat")
        #expect(channels.all == "socket.io#/chat#")
        #expect(channels.answers(for: FormatSamples.uid) == "socket.io#/chat#0123456789abcdef#")
        #expect(channels.own == "socket.io-chatd#/chat#")
        #expect(channels.place(of: channels.all, uid: "u") == .all)
        #expect(channels.place(of: channels.answers(for: "u"), uid: "u") == .answers)
        #expect(channels.place(of: "socket.io#/chat#a#b#", uid: "u") == .room("a#b"))
        #expect(channels.place(of: channels.own, uid: "u") == .own)
        #expect(channels.place(of: "socket.io#/chat", uid: "u") == nil)
    }

    @Test(
        "which rooms have a channel of their own depends on the mode and, in UTF-16, on the length of the name",
        arguments: [
            ("static", "room", false), ("dynamic", "room", true), ("dynamic", "12345678901234567890", false),
            ("dynamic", "1234567890123456789", true), ("dynamic", "🏠🏠🏠🏠🏠🏠🏠🏠🏠🏠", false),
            ("dynamic-private", "12345678901234567890", true),
        ])
    func roomChannels(mode: String, room: String, hasChannel: Bool) throws {
        let mode = try #require(ShardedChannels.Mode(rawValue: mode))
        let channels = ShardedChannels(prefix: "p", namespace: "/", mode: mode)
        let expected = hasChannel ? "p#/#\(room)#" : nil
        #expect(channels.channel(ofRoom: room) == expected)
        let one = FormatSamples.message(.broadcast(Self.hi, MessageTarget(rooms: [room]), requestID: nil))
        #expect(channels.channel(of: one) == expected ?? "p#/#")
    }

    @Test("a broadcast with acknowledgements or several rooms, and any other message, goes to all")
    func messageChannels() {
        let channels = ShardedChannels(prefix: "p", namespace: "/", mode: .dynamicPrivate)
        let room = MessageTarget(rooms: ["a"])
        for content in [
            .broadcast(Self.hi, room, requestID: "r"), .broadcast(Self.hi, MessageTarget(), requestID: nil),
            .broadcast(Self.hi, MessageTarget(rooms: ["a", "b"]), requestID: nil), .fetch(room, requestID: "r"),
            .leave(room, rooms: ["a"]),
        ] as [ClusterMessage.Content] {
            #expect(channels.channel(of: FormatSamples.message(content)) == "p#/#")
        }
    }

    @Test("a PostgreSQL channel has at most 63 bytes and no zero byte")
    func postgres() throws {
        let channels = try PostgresChannels(namespace: "/chat")
        #expect(channels.all == "socket.io#/chat" && channels.own == "socket.io-chatd#/chat#")
        // The own channel is the longest: the prefix of 9 bytes, "-chatd#" and "#" leave 46.
        let longest = "/" + String(repeating: "é", count: 22) + "a"
        #expect(try PostgresChannels(namespace: longest).own.utf8.count == 63)
        let name = "socket.io-chatd#\(longest)a#"
        #expect(throws: PostgresChannels.Refusal.tooLong(name, limit: 63)) {
            try PostgresChannels(namespace: longest + "a")
        }
        #expect(throws: PostgresChannels.Refusal.zeroByte) { try PostgresChannels(namespace: "/\u{0}") }
    }

    @Test("ids have the length and the characters of the official ones, for any random bits")
    func ids() {
        #expect(ClusterMessage.makeID(random: 0) == "0000000000000000")
        #expect(ClusterMessage.makeID(random: 0x0123_4567_89AB_CDEF) == FormatSamples.uid)
        #expect(ClassicRequest.makeID(random: 0) == "AAAAAA")
        for random in [1, .max, 0x8000_0000_0000_0000, 12345] as [UInt64] {
            #expect(ClusterMessage.makeID(random: random).utf8.count == 16)
            let id = ClassicRequest.makeID(random: random)
            #expect(id.utf8.count == 6 && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        }
        #expect(Set((0..<62).map { ClassicRequest.makeID(random: $0) }).count == 62)
    }
}
