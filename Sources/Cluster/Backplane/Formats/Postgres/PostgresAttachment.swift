import Actors

/// The payload for a message in the table of attachments. It has no namespace; that is in the message.
package struct PostgresAttachment: Sendable, Equatable {
    /// The id of the node that sent the message.
    package let uid: String
    /// The number of the message's type.
    package let type: Int
    /// The id of the row.
    package let id: Int64
    /// The place among the sender's messages, if the sender is a server like this one.
    package let stamp: EventStamp?

    /// The payload for a message.
    /// - Parameter id: The id of its row.
    package init(_ message: ClusterMessage, id: Int64) {
        uid = message.uid
        type = message.content.type.rawValue
        stamp = message.stamp
        self.id = id
    }

    /// Reads the payload. PostgreSQL's client library for Node returns a `bigint` as text, so the id is one.
    init(_ object: MessageObject) throws(FormatError) {
        uid = try object.identifier(.uid)
        type = try object.type()
        stamp = try EventStamp(of: object)
        let text = try object.identifier(.attachmentID)
        guard let id = Int64(text), id > 0, String(id) == text else { throw .invalid(.attachmentID) }
        self.id = id
    }

    /// The payload for a message of servers like this one, which no official server reads.
    /// - Parameters:
    ///   - uid: The id of the node that sends it.
    ///   - stamp: The place among its messages.
    ///   - id: The id of its row.
    init(ofHost uid: String, _ stamp: EventStamp, id: Int64) {
        self.uid = uid
        self.stamp = stamp
        self.id = id
        // A type that means nothing to an official server.
        type = ClusterMessageType.heartbeat.rawValue
    }

    /// The payload for a message, before and after the id of its row.
    package static func header(of message: ClusterMessage) -> (before: [UInt8], after: [UInt8]) {
        PostgresAttachment(message, id: 0).header
    }

    /// The payload before and after the id of the row.
    var header: (before: [UInt8], after: [UInt8]) {
        let before = MessageTree.object([
            (.uid, .text(uid)), (.type, .number(type)), (.attachmentID, .text("")),
        ]).json.dropLast(2)
        return (Array(before), Array(payload.dropFirst(before.count + String(id).utf8.count)))
    }

    /// The payload.
    package var payload: [UInt8] {
        MessageTree.object([
            (.uid, .text(uid)), (.type, .number(type)), (.attachmentID, .text(String(id))), (.chatd, stamp?.tree),
        ]).json
    }
}
