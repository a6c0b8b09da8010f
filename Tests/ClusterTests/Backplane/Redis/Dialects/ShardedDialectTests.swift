import Actors
import Testing

@testable import Cluster

@Suite("Messages in the format of the sharded adapter")
struct ShardedDialectTests {
    private let dialect = RedisPubSub.sharded(.dynamic).dialect(of: "/", prefix: "p", uid: "u", random: 0)
    private let peer = RedisPubSub.sharded(.dynamic).dialect(of: "/", prefix: "p", uid: "peer", random: 0)
    private let event = Broadcast(
        EventPacket(EncodedArguments(text: Array("\"news\",1".utf8), attachments: [])),
        to: MessageTarget(rooms: ["room"], exceptions: ["x"]), namespace: "/")

    /// The messages of a host.
    private var messages: [BackplaneMessage] {
        let selection = SocketSelection(namespace: "/", rooms: ["a"], exceptions: ["b"])
        let arguments = EncodedArguments(text: Array("1".utf8), attachments: [])
        return [
            .event(event), .change(selection, .join(["r"])), .change(selection, .leave(["r"])),
            .change(selection, .disconnect(close: true)),
            .serverEvent(ServerEvent(namespace: "/", name: "told", arguments: arguments)),
        ]
    }

    @Test("messages travel in the channel of all nodes, and can be read with their stamps")
    func roundTrip() throws {
        let stamp = EventStamp(node: "n", number: 3, previous: 2, row: 7)
        for message in messages {
            let (channel, payload) = try #require(dialect.encode(message, stamp))
            #expect(channel == "p#/#")
            guard case .message(let read, let readStamp)? = try peer.decode(payload, from: channel) else {
                Issue.record("\(message) was not read")
                continue
            }
            #expect(read == message && readStamp == stamp)
        }
    }

    @Test("an event in the channel of a room is read like others")
    func roomChannel() throws {
        let (_, payload) = try #require(peer.encode(.event(event), nil))
        guard case .message(.event(let read), nil)? = try dialect.decode(payload, from: "p#/#room#") else {
            Issue.record("the event was not read")
            return
        }
        #expect(read == event)
    }

    @Test("a marker has no official form")
    func markers() {
        #expect(dialect.encode(.marker(namespace: "/"), nil) == nil)
        #expect(dialect.encode(.roomMarker(BackplaneRoom(namespace: "/", name: "r")), nil) == nil)
    }

    @Test("questions reach other nodes, and neither their sender nor other namespaces")
    func questions() throws {
        let selection = SocketSelection(namespace: "/", rooms: [], exceptions: [])
        let asked = ServerEvent(
            namespace: "/", name: "told", arguments: EncodedArguments(text: [], attachments: []))
        let other = RedisPubSub.sharded(.dynamic).dialect(of: "/other", prefix: "p", uid: "o", random: 0)
        for question in [BackplaneQuestion.sockets(selection), .clients(event), .servers(asked)] {
            let (channel, payload) = try #require(dialect.encode(question, requestID: "q", after: nil))
            #expect(channel == "p#/#")
            guard case .question(question, let asker, after: nil)? = try peer.decode(payload, from: channel) else {
                Issue.record("\(question) was not read")
                continue
            }
            #expect(asker == BackplaneAsker(node: "u", namespace: "/", request: "q"))
            #expect(try dialect.decode(payload, from: channel) == nil)
            #expect(try other.decode(payload, from: channel) == nil)
        }
        #expect(dialect.encode(.rooms(namespace: "/"), requestID: "q", after: nil) == nil)
    }

    @Test("answers go to the channel of the asking node")
    func answers() throws {
        let asker = BackplaneAsker(node: "peer", namespace: "/", request: "q")
        let value = EncodedArguments(text: Array("7".utf8), attachments: [])
        let socket = FetchedSocket(id: try SessionKey("A").id, rooms: ["r"], data: "x")
        for answer in [
            BackplaneAnswer.sockets([socket]), .clientCount(3), .acknowledgement(value), .result(value),
        ] {
            let (channel, payload) = dialect.encode(answer, to: asker)
            #expect(channel == "p#/#peer#")
            guard case .answer(let read)? = try peer.decode(payload, from: channel) else {
                Issue.record("\(answer) was not read")
                continue
            }
            #expect(read == RedisAnswer(requestID: "q", answer: answer))
        }
    }

    @Test("an emitter is asked for nothing, and gets no answers")
    func emitter() throws {
        let emitter = RedisPubSub.sharded(.static)
            .dialect(of: "/", prefix: "p", uid: ClusterMessage.emitterID, random: 0)
        let (channel, payload) = try #require(emitter.encode(.clients(event), requestID: "q", after: nil))
        #expect(try dialect.decode(payload, from: channel) == nil)
    }

    @Test("malformed messages are errors", arguments: ["", "{", "{}", #"{"uid":"u","nsp":"/","type":99}"#, "[1]"])
    func malformed(text: String) {
        #expect(throws: FormatError.self) { _ = try dialect.decode(Array(text.utf8), from: "p#/#") }
    }

    @Test("messages of heartbeats are ignored")
    func heartbeat() throws {
        for content in [ClusterMessage.Content.initialHeartbeat, .heartbeat, .close] {
            let payload = ClusterMessage(uid: "peer", namespace: "/", content: content).encoded(for: .sharded)
            #expect(try dialect.decode(payload, from: "p#/#") == nil)
        }
    }
}
