import Actors
import Testing

@testable import Cluster

@Suite("Backplane formats: messages of the cluster adapters")
struct GoldenClusterTests {
    private typealias Samples = FormatSamples
    private static let one = Samples.placeholder(0)
    private static let stamp = EventStamp(
        node: "n1", number: 9_007_199_254_740_993, previous: 7, row: 12)

    private static let busy = MessageTarget(
        rooms: ["a", "7"], exceptions: ["b#"],
        flags: Samples.flags {
            $0.isVolatile = true
            $0.compress = false
        })

    private static let patient = MessageTarget(
        rooms: ["a"],
        flags: Samples.flags {
            $0.timeout = .milliseconds(2500)
            $0.expectsSingleResponse = true
        })

    private static let contents: [String: ClusterMessage.Content] = [
        "initialHeartbeat": .initialHeartbeat,
        "heartbeat": .heartbeat,
        "close": .close,
        "broadcast": .broadcast(Samples.packet(#""hi",1,"é""#), Samples.everyone, requestID: nil),
        "broadcast.rooms": .broadcast(Samples.packet(#""hi""#), busy, requestID: nil),
        "broadcast.acknowledged": .broadcast(Samples.packet(#""hi""#), patient, requestID: Samples.requestID),
        "broadcast.binary": .broadcast(
            Samples.packet(#""hi",\#(one),{"a":[\#(Samples.placeholder(1))]}"#, [1, 2], []), Samples.everyone,
            requestID: nil),
        "join": .join(MessageTarget(rooms: ["a"], exceptions: ["b"]), rooms: ["c", "d"]),
        "leave": .leave(Samples.everyone, rooms: ["c"]),
        "disconnect": .disconnect(Samples.everyone, close: true),
        "fetch": .fetch(Samples.roomA, requestID: Samples.requestID),
        "sockets": .sockets([Samples.socket()], requestID: Samples.requestID),
        "sockets.binary": .sockets(
            [
                Samples.socket(Samples.value(#"{"b":\#(one)}"#, [255]), hasHandshake: false),
                Samples.socket(Samples.value("[\(one),\(Samples.placeholder(1))]", [0], [1]), hasHandshake: false),
            ], requestID: Samples.requestID),
        "serverEvent": .serverEvent(Samples.ping(#"{"a":null}"#), requestID: nil),
        "serverEvent.acknowledged": .serverEvent(Samples.ping(), requestID: Samples.requestID),
        "serverEvent.binary": .serverEvent(Samples.ping(one, [7]), requestID: Samples.requestID),
        "serverAnswer": .serverAnswer(Samples.value("[1,2]"), requestID: Samples.requestID),
        "clientCount": .clientCount(3, requestID: Samples.requestID),
        "acknowledgement": .acknowledgement(Samples.value(#""ok""#), requestID: Samples.requestID),
        "acknowledgement.binary": .acknowledgement(Samples.value(one, [5]), requestID: Samples.requestID),
    ]

    private static var messages: [String: ClusterMessage] {
        var messages = contents.mapValues { Samples.message($0) }
        messages["stamped"] = ClusterMessage(
            uid: Samples.uid, namespace: "/", content: .disconnect(Samples.everyone, close: false), stamp: stamp)
        messages["stamped.noRow"] = ClusterMessage(
            uid: Samples.uid, namespace: "/", content: .heartbeat, stamp: EventStamp(node: "n1", number: 0, row: nil))
        return messages
    }

    @Test("every message is read, and written as the same bytes")
    func messages() throws {
        let file = try GoldenFile("cluster.txt")
        #expect(file.names == Set(Self.messages.keys))
        for (name, message) in Self.messages {
            let bytes = try file.bytes(of: name)
            #expect(try ClusterMessage(bytes) == message, "\(name)")
            #expect(message.encoded(for: .sharded) == bytes, "\(name)")
        }
    }

    @Test("messages that only official servers write are read")
    func official() throws {
        let file = try GoldenFile("cluster-read.txt")
        let quiet = ClusterMessage.Content.broadcast(Samples.packet(#""hi""#), Samples.everyone, requestID: nil)
        let dates = [#""2023-11-14T22:13:20.123Z""#, #""2023-11-14T22:13:20.000Z""#, #""1969-12-31T23:59:59.123Z""#]
        let dialects = "[null,\(Self.one),\(dates[0]),\(dates[1]),\(dates[0]),\(dates[2]),1.5]"
        let expected: [String: ClusterMessage.Content] = [
            "undefined": .broadcast(Samples.packet(#""hi",null"#), Samples.roomA, requestID: nil),
            "flags": quiet,
            "repeated": .initialHeartbeat,
            "spaced": .leave(Samples.everyone, rooms: ["c"]),
            "numeric": .join(MessageTarget(rooms: ["7"], exceptions: ["1.5"]), rooms: ["-1"]),
            "offset": .broadcast(Samples.packet(#""hi","""#), Samples.everyone, requestID: nil),
            "dialects": .acknowledgement(Samples.value(dialects, [1, 2]), requestID: Samples.requestID),
        ]
        #expect(file.names == Set(expected.keys))
        for (name, content) in expected {
            #expect(try ClusterMessage(try file.bytes(of: name)) == Samples.message(content), "\(name)")
        }
    }

    @Test("the messages that the streams adapter publishes are always MessagePack")
    func ephemeral() throws {
        let file = try GoldenFile("ephemeral.txt")
        let id = Samples.requestID
        let expected: [String: ClusterMessage.Content] = [
            "broadcast": .broadcast(Samples.packet(#""hi""#), Samples.everyone, requestID: id),
            "fetch": .fetch(Samples.everyone, requestID: id),
            "serverEvent": .serverEvent(Samples.ping("1.5"), requestID: nil),
            "sockets": .sockets([Samples.socket()], requestID: id),
            "serverAnswer": .serverAnswer(Samples.value("null"), requestID: id),
            "clientCount": .clientCount(70_000, requestID: id),
            "acknowledgement": .acknowledgement(Samples.value("-0"), requestID: id),
        ]
        #expect(file.names == Set(expected.keys))
        for (name, content) in expected {
            let bytes = try file.bytes(of: name)
            #expect(try ClusterMessage(bytes) == Samples.message(content), "\(name)")
            #expect(Samples.message(content).encoded(for: .ephemeral) == bytes, "\(name)")
        }
    }

    @Test("an emitter is no node")
    func emitters() {
        let message = { (uid: String) in ClusterMessage(uid: uid, namespace: "/", content: .heartbeat) }
        #expect(message(Samples.uid).isFromNode && !message(ClusterMessage.emitterID).isFromNode)
    }

    @Test("only answers are for one node")
    func answers() {
        let answers = Self.contents.filter { Samples.message($0.value).isAnswer }.map(\.key)
        let expected = [
            "acknowledgement", "acknowledgement.binary", "clientCount", "serverAnswer", "sockets", "sockets.binary",
        ]
        #expect(answers.sorted() == expected)
    }
}
