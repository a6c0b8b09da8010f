import Actors
import Testing

@testable import Cluster

@Suite("Backplane formats: entries and sessions of Redis Streams")
struct GoldenStreamTests {
    private typealias Samples = FormatSamples
    private static let binary = Samples.packet(#""hi",\#(Samples.placeholder(0))"#, [1, 2])

    private static let messages: [String: ClusterMessage] = [
        "broadcast": Samples.message(.broadcast(Samples.packet(#""hi",1"#), Samples.everyone, requestID: nil)),
        "broadcast.binary": Samples.message(.broadcast(binary, Samples.everyone, requestID: nil)),
        "join": Samples.message(.join(Samples.everyone, rooms: ["c"])),
        "leave": Samples.message(.leave(Samples.everyone, rooms: ["c"])),
        "disconnect": Samples.message(.disconnect(Samples.roomA, close: false)),
        "heartbeat": Samples.message(.heartbeat),
        "stamped": Samples.message(
            .disconnect(Samples.everyone, close: true), stamp: EventStamp(node: "n1", number: 7, row: 1)),
        "emitter.serverEvent": ClusterMessage(
            uid: ClusterMessage.emitterID, namespace: "/chat",
            content: .serverEvent(Samples.ping("1"), requestID: nil)),
    ]

    @Test("every entry is read, and written as the same fields")
    func entries() throws {
        let file = try GoldenFile("streams.txt")
        #expect(file.names == Set(Self.messages.keys.map { $0 } + ["broadcast.plaintext", "emitter", "session"]))
        for (name, message) in Self.messages {
            let fields = try file.fields(of: name)
            #expect(try ClusterMessage(streamFields: fields) == message, "\(name)")
            #expect(message.streamFields().flatMap { [Array($0.name.utf8), $0.value] } == fields, "\(name)")
        }
    }

    @Test("with the option for plain text, binary data becomes an object, as in Node")
    func plaintext() throws {
        let fields = try GoldenFile("streams.txt").fields(of: "broadcast.plaintext")
        let message = Samples.message(.broadcast(Self.binary, Samples.everyone, requestID: nil))
        let written = message.streamFields(onlyPlaintext: true)
        #expect(written.flatMap { [Array($0.name.utf8), $0.value] } == fields)
        let packet = Samples.packet(#""hi",{"type":"Buffer","data":[1,2]}"#)
        let read = Samples.message(.broadcast(packet, Samples.everyone, requestID: nil))
        #expect(try ClusterMessage(streamFields: fields) == read)
    }

    @Test("the entry of an emitter is read")
    func emitter() throws {
        let message = try ClusterMessage(streamFields: try GoldenFile("streams.txt").fields(of: "emitter"))
        let content = ClusterMessage.Content.broadcast(Samples.packet(#""hi""#), Samples.roomA, requestID: nil)
        #expect(message == ClusterMessage(uid: ClusterMessage.emitterID, namespace: "/chat", content: content))
    }

    @Test("a session is read, and written as the same bytes")
    func session() throws {
        let bytes = try GoldenFile("streams.txt").bytes(of: "session")
        let session = StreamSession(
            id: Samples.socketID, privateID: String(repeating: "b", count: 20), rooms: [Samples.socketID, "red"],
            data: Samples.value(#"{"n":1}"#))
        #expect(try StreamSession(bytes) == session)
        #expect(session.encoded == bytes)
    }

    @Test(
        "an entry with a missing or wrong field is refused",
        arguments: [
            ([], FormatError.missing(.uid)),
            (["uid", "a", "nsp", "/", "type"], .missing(.type)),
            (["uid", "a", "type", "2"], .missing(.nsp)),
            (["uid", "a", "nsp", "/", "type", "+2"], .invalid(.type)),
            (["uid", "a", "nsp", "/", "type", "1234567890"], .invalid(.type)),
            (["uid", "a", "nsp", "/", "type", "14"], .unknownType(14)),
            (["uid", "a", "nsp", "/", "type", "3"], .missing(.data)),
            (["uid", "a", "nsp", "/", "type", "3", "data", "[]"], .invalidBase64),
            (["uid", "a", "nsp", "/", "type", "3", "data", ""], .invalidMessagePack(.truncated)),
            (["uid", "a", "nsp", "/", "type", "3", "data", "AQ=="], .notAMessage),
            (["uid", "a", "nsp", "a", "type", "2"], .invalid(.nsp)),
            (["uid", "a", "nsp", "/", "type", "2", "chatd", "7"], .invalid(.chatd)),
            (["uid", "a", "nsp", "/", "type", "2", "chatd", "{}"], .missing(.node)),
        ] as [([String], FormatError)])
    func refused(fields: [String], error: FormatError) {
        #expect(throws: error) { try ClusterMessage(streamFields: fields.map { Array($0.utf8) }) }
    }
}
