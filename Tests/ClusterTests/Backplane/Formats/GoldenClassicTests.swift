import Actors
import Testing

@testable import Cluster

@Suite("Backplane formats: messages of the classic Redis adapter")
struct GoldenClassicTests {
    private typealias Samples = FormatSamples
    private static let id = Samples.shortID
    private static let one = Samples.placeholder(0)
    private static let hi = Samples.packet(#""hi""#)

    private static let broadcasts: [String: ClassicBroadcast] = [
        "broadcast": broadcast(Samples.packet(#""hi",1,"é""#)),
        "broadcast.rooms": broadcast(
            Samples.packet(#""hi",\#(one)"#, [1, 2]),
            MessageTarget(rooms: ["a", "7"], exceptions: ["b"], flags: Samples.flags { $0.isVolatile = true })),
        "broadcast.emitter": broadcast(hi, Samples.roomA, uid: ClusterMessage.emitterID),
        "broadcast.stamped": broadcast(hi, stamp: EventStamp(node: "n1", number: 300, previous: 255, row: 2)),
    ]

    private static func broadcast(
        _ packet: EventPacket, _ target: MessageTarget = Samples.everyone, uid: String = "abcDEF",
        stamp: EventStamp? = nil
    ) -> ClassicBroadcast {
        ClassicBroadcast(uid: uid, namespace: "/chat", packet: packet, target: target, stamp: stamp)
    }

    private static let requests: [String: ClassicRequest] = [
        "socketIDs": request(.socketIDs(rooms: ["a"], requestID: id)),
        "allRooms": request(.allRooms(requestID: id)),
        "join": request(.join(MessageTarget(rooms: ["a"], exceptions: ["b"]), rooms: ["c"])),
        "join.emitter": ClassicRequest(uid: nil, content: .join(Samples.roomA, rooms: ["c"])),
        "join.one": request(.joinOne(socket: "s1", room: "c", requestID: id)),
        "leave": request(.leave(Samples.everyone, rooms: ["c"])),
        "leave.one": request(.leaveOne(socket: "s1", room: "c", requestID: id)),
        "disconnect": request(.disconnect(Samples.everyone, close: true)),
        "disconnect.one": request(.disconnectOne(socket: "s1", close: false, requestID: id)),
        "fetch": request(.fetch(Samples.roomA, requestID: id)),
        "serverEvent": request(.serverEvent(Samples.ping("1"), requestID: nil)),
        "serverEvent.emitter": ClassicRequest(
            uid: ClusterMessage.emitterID, content: .serverEvent(Samples.ping(), requestID: nil)),
        "broadcast.acknowledged": request(
            .broadcast(Samples.packet(#""hi",\#(one)"#, [3]), Samples.everyone, requestID: id)),
        "stamped": ClassicRequest(
            uid: "abcDEF", content: .disconnect(Samples.everyone, close: false),
            stamp: EventStamp(node: "n1", number: 1, row: 2)),
    ]

    private static func request(_ content: ClassicRequest.Content) -> ClassicRequest {
        ClassicRequest(uid: "abcDEF", content: content)
    }

    private static let answers: [String: ClassicResponse.Content] = [
        "answer.socketIDs": .socketIDs(["s1", "s2"]),
        "answer.rooms": .rooms(["a", "b"]),
        "answer.done": .done,
        "answer.sockets": .sockets([Samples.socket()]),
        "answer.sockets.none": .sockets([]),
        "answer.serverAnswer": .serverAnswer(Samples.value(#"{"a":1}"#)),
        "answer.clientCount": .clientCount(2),
        "answer.acknowledgement": .acknowledgement(Samples.value(#"[\#(one),"a"]"#, [1])),
    ]

    @Test("every message is in a table of this test")
    func names() throws {
        let read = ["read.noNamespace", "read.json", "read.answer.packed", "read.answer.undefined"]
        let messages = Array(Self.broadcasts.keys) + Array(Self.requests.keys) + Array(Self.answers.keys)
        #expect(try GoldenFile("classic.txt").names == Set(messages + read + ["serverEvent.acknowledged"]))
    }

    @Test("every broadcast is read, and written as the same bytes")
    func broadcasts() throws {
        let file = try GoldenFile("classic.txt")
        for (name, broadcast) in Self.broadcasts {
            let bytes = try file.bytes(of: name)
            #expect(try ClassicBroadcast(bytes) == broadcast, "\(name)")
            #expect(broadcast.encoded == bytes, "\(name)")
        }
    }

    @Test("an emitter is no node")
    func emitters() throws {
        #expect(Self.broadcasts.filter { !$0.value.isFromNode }.map(\.key) == ["broadcast.emitter"])
        let requests = Self.requests.filter { !$0.value.isFromNode }.map(\.key)
        #expect(requests.sorted() == ["join.emitter", "serverEvent.emitter"])
    }

    @Test("every request is read, and written as the same bytes")
    func requests() throws {
        let file = try GoldenFile("classic.txt")
        for (name, request) in Self.requests {
            let bytes = try file.bytes(of: name)
            #expect(try ClassicRequest(bytes, namespace: "/chat") == request, "\(name)")
            #expect(request.encoded(namespace: "/chat") == bytes, "\(name)")
        }
    }

    @Test("every answer is read, and written as the same bytes")
    func answers() throws {
        let file = try GoldenFile("classic.txt")
        for (name, content) in Self.answers {
            let bytes = try file.bytes(of: name)
            let answer = ClassicResponse(requestID: Self.id, content: content)
            #expect(try ClassicResponse(bytes) == answer, "\(name)")
            #expect(answer.encoded == bytes, "\(name)")
        }
    }

    @Test("binary data in a request that is JSON becomes an object, as in Node")
    func buffers() throws {
        let bytes = try GoldenFile("classic.txt").bytes(of: "serverEvent.acknowledged")
        let request = Self.request(.serverEvent(Samples.ping(Self.one, [1]), requestID: Self.id))
        #expect(request.encoded(namespace: "/chat") == bytes)
        let read = Self.request(.serverEvent(Samples.ping(#"{"type":"Buffer","data":[1]}"#), requestID: Self.id))
        #expect(try ClassicRequest(bytes, namespace: "/chat") == read)
    }

    @Test("messages that only official servers and emitters write are read")
    func official() throws {
        let file = try GoldenFile("classic.txt")
        let compressed = MessageTarget(flags: Samples.flags { $0.compress = true })
        let early = ClassicBroadcast(
            uid: ClusterMessage.emitterID, namespace: "/", packet: Samples.packet(#""hi",\#(Self.one)"#, [1]),
            target: compressed)
        #expect(try ClassicBroadcast(try file.bytes(of: "read.noNamespace")) == early)
        #expect(try ClassicBroadcast(try file.bytes(of: "read.json")) == Self.broadcast(Self.hi))
        let rooms = try ClassicResponse(try file.bytes(of: "read.answer.packed"))
        #expect(rooms == ClassicResponse(requestID: Self.id, content: .rooms(["a"])))
        let nothing = try ClassicResponse(try file.bytes(of: "read.answer.undefined"))
        #expect(nothing == ClassicResponse(requestID: Self.id, content: .serverAnswer(Samples.value("null"))))
    }
}
