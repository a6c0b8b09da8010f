import Actors
import Persistence
import Testing

@testable import Cluster

@Suite("What is published at a PostgreSQL server")
struct PostgresPublicationTests {
    private static let statements = PostgresTableName("t").map { PostgresStatements($0) }
    private static let stamp = EventStamp(node: "n", number: 7, previous: 6, row: nil)

    private func publication(_ text: String, stamp: EventStamp? = stamp) -> PostgresPublication {
        let arguments = EncodedArguments(text: Array(JSONText(string: text).utf8), attachments: [])
        let event = ServerEvent(namespace: "/", name: "e", arguments: arguments)
        let message = ClusterMessage(
            uid: "u", namespace: "/", content: .serverEvent(event, requestID: nil), stamp: stamp)
        return PostgresPublication(message, on: "c", .message(Marker(Self.stamp)))
    }

    private func parameters(_ publication: PostgresPublication) throws -> [[UInt8]] {
        try #require(Self.statements).parameters(of: publication)
    }

    private func questions(_ count: Int) throws -> HostMessage {
        let secret = try #require(SessionID(String(repeating: "A", count: 20)))
        let all = (0..<count).map { number in
            SessionQuestion(
                name: QuestionName(host: "h", number: UInt64(number)), privateID: secret, offset: nil,
                maxMissedBytes: 1)
        }
        return HostMessage(.ask(all), in: "/")
    }

    @Test("a message about sessions is a notification too, or in the table if it is large", arguments: [1, 300])
    func sessions(count: Int) throws {
        let message = try questions(count)
        let namespace = try PostgresNamespace("/", prefix: "p", at: .now)
        let publication = PostgresPublication(message, Marker(Self.stamp), in: namespace, node: "n")
        #expect(publication.question == message)
        let values = try parameters(publication)
        #expect(values[0] == Array("p-chatd#/#".utf8) && values.count == (count == 1 ? 2 : 4))
        let marker = try Marker(values[count == 1 ? 1 : 2], namespace: "/")
        #expect(marker.message == message && marker.stamp == Self.stamp)
        guard count > 1 else { return }
        let payload = values[1] + Array("12".utf8) + values[3]
        guard case .attachment(let attachment) = try PostgresNotification(payload) else {
            Issue.record("no reference to an attachment")
            return
        }
        #expect(attachment == PostgresAttachment(ofHost: "n", Self.stamp, id: 12))
    }

    @Test("a small message is a notification")
    func small() throws {
        let values = try parameters(publication("x"))
        #expect(values.count == 2 && values[0] == Array("c".utf8))
        guard case .message(let message) = try PostgresNotification(values[1]) else {
            Issue.record("no message")
            return
        }
        #expect(message.uid == "u" && message.stamp == Self.stamp)
    }

    @Test("a large message is in the table, and the notification has the id of its row", arguments: [true, false])
    func large(isStamped: Bool) throws {
        let stamp = isStamped ? Self.stamp : nil
        let values = try parameters(publication(String(repeating: "x", count: 8000), stamp: stamp))
        #expect(values.count == 4 && values[0] == Array("c".utf8))
        let message = try ClusterMessage(values[2])
        #expect(message.uid == "u" && message.stamp == stamp)
        let header = PostgresAttachment(message, id: 4711)
        #expect(values[1] + Array("4711".utf8) + values[3] == header.payload)
    }

    @Test("a message that other hosts would not fetch is too large")
    func tooLarge() {
        let size = PostgresStatements.maxAttachment
        #expect(!publication(String(repeating: "x", count: size - 1000)).isTooLarge)
        #expect(publication(String(repeating: "x", count: size)).isTooLarge)
    }

    @Test("names of channels are quoted")
    func quoting() {
        let script = PostgresStatements.script("LISTEN", ["a", "b\"; DROP TABLE t; --"])
        #expect(script.sql == "LISTEN \"a\";LISTEN \"b\"\"; DROP TABLE t; --\"" && script.isScript)
    }
}

extension PostgresStatements {
    fileprivate func parameters(of publication: PostgresPublication) -> [[UInt8]] {
        publication.statement(self).parameters.map { $0 ?? [] }
    }
}
