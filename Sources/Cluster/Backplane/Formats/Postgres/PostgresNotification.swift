import Actors

/// The payload of a notification of the PostgreSQL adapter 0.5: a message, or a reference to one in the table of
/// attachments.
package enum PostgresNotification: Sendable, Equatable {
    case message(ClusterMessage)
    /// The message is in the table, in MessagePack.
    case attachment(PostgresAttachment)

    /// PostgreSQL refuses payloads from this size on, in bytes. The adapter puts such messages into the table.
    package static let sizeLimit = 8000

    /// How a message is sent.
    package enum Form: Sendable, Equatable {
        /// As this payload.
        case payload([UInt8])
        /// As this row in the table, whose id a ``PostgresAttachment`` tells.
        case row([UInt8])
    }
}

extension PostgresNotification {
    /// Reads a payload.
    /// - Throws: ``FormatError`` if the text is no payload, or exceeds a limit.
    package init(_ payload: [UInt8], limits: FormatLimits = FormatLimits()) throws(FormatError) {
        let object = try MessageObject(try MixedValue(json: payload, limits: limits), limits: limits)
        self =
            object.has(.attachmentID)
            ? .attachment(try PostgresAttachment(object)) : .message(try ClusterMessage(object))
    }

    /// The form in which to send a message.
    /// - Parameter threshold: The size in bytes from which on a message goes into the table, at most ``sizeLimit``.
    package static func form(of message: ClusterMessage, threshold: Int = sizeLimit) -> Form {
        let tree = message.tree
        guard !ClusterEncoding.postgres.usesMessagePack(for: message, tree) else { return .row(tree.messagePack) }
        let payload = tree.json
        return payload.count < min(threshold, sizeLimit) ? .payload(payload) : .row(tree.messagePack)
    }
}
