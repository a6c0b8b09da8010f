import Actors
import Testing

@testable import Cluster

@Suite("Backplane formats: notifications of PostgreSQL")
struct GoldenPostgresTests {
    private typealias Samples = FormatSamples
    private static let one = Samples.placeholder(0)
    private static let hi = Samples.message(.broadcast(Samples.packet(#""hi""#), Samples.everyone, requestID: nil))
    private static let binary = Samples.message(
        .broadcast(Samples.packet(#""hi",\#(one)"#, [9]), Samples.everyone, requestID: nil))

    @Test("a message without binary data is a payload in JSON")
    func message() throws {
        let bytes = try GoldenFile("postgres.txt").bytes(of: "message")
        #expect(try PostgresNotification(bytes) == .message(Self.hi))
        #expect(PostgresNotification.form(of: Self.hi) == .payload(bytes))
    }

    @Test("a message with binary data is a row, to which a payload refers")
    func attachment() throws {
        let file = try GoldenFile("postgres.txt")
        let row = try file.bytes(of: "row")
        #expect(PostgresNotification.form(of: Self.binary) == .row(row))
        #expect(try ClusterMessage(row) == Self.binary)
        let reference = PostgresAttachment(Self.binary, id: 42)
        let payload = try file.bytes(of: "attachment")
        #expect(reference.payload == payload)
        #expect(try PostgresNotification(payload) == .attachment(reference))
        #expect(try PostgresNotification(try file.bytes(of: "attachment.node")) == .attachment(reference))
        let stamped = ClusterMessage(
            uid: Samples.uid, namespace: "/chat", content: Self.binary.content,
            stamp: EventStamp(node: "n1", number: 3, row: 5))
        let last = PostgresAttachment(stamped, id: .max)
        #expect(last.payload == (try file.bytes(of: "attachment.stamped")))
        #expect(try PostgresNotification(last.payload) == .attachment(last))
    }

    @Test("sockets with binary data are JSON, as in Node")
    func sockets() throws {
        let socket = { (data: MixedValue) in
            Samples.message(
                .sockets([Samples.socket(data, hasHandshake: false, rooms: [])], requestID: Samples.requestID))
        }
        let bytes = try GoldenFile("postgres.txt").bytes(of: "sockets.binary")
        #expect(PostgresNotification.form(of: socket(Samples.value(Self.one, [0, 255]))) == .payload(bytes))
        let read = socket(Samples.value(#"{"type":"Buffer","data":[0,255]}"#))
        #expect(try PostgresNotification(bytes) == .message(read))
    }

    @Test("the notification of an emitter is read")
    func emitter() throws {
        let bytes = try GoldenFile("postgres.txt").bytes(of: "emitter")
        let content = ClusterMessage.Content.broadcast(Samples.packet(#""hi""#), Samples.roomA, requestID: nil)
        let message = ClusterMessage(uid: ClusterMessage.emitterID, namespace: "/chat", content: content)
        #expect(try PostgresNotification(bytes) == .message(message))
    }

    @Test("a payload has at most 7999 bytes, and fewer than the threshold", arguments: [8000, 9000, 500])
    func threshold(threshold: Int) throws {
        let limit = min(threshold, 8000)
        let message = { (count: Int) in
            let text = #""hi",""# + String(repeating: "é", count: count) + "\""
            return Samples.message(.broadcast(Samples.packet(text), Samples.everyone, requestID: nil))
        }
        let fixed = message(0).encoded(for: .sharded).count
        for count in (limit - fixed) / 2 - 2...(limit - fixed) / 2 + 2 {
            let size = fixed + 2 * count
            switch PostgresNotification.form(of: message(count), threshold: threshold) {
            case .payload(let payload): #expect(payload.count == size && size < limit)
            case .row(let row):
                #expect(size >= limit)
                #expect(try ClusterMessage(row) == message(count))
            }
        }
    }

    @Test(
        "a reference to no row is refused",
        arguments: ["0", "-1", "+1", "01", "", " 1", "1.0", "9223372036854775808", "x"])
    func reference(id: String) {
        let payload = Array(#"{"uid":"a","type":3,"attachmentId":"\#(id)"}"#.utf8)
        #expect(throws: FormatError.invalid(.attachmentID)) { try PostgresNotification(payload) }
    }
}
