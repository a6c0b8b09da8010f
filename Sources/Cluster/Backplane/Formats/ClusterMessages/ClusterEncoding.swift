/// The rule by which an adapter chooses between JSON and MessagePack.
package enum ClusterEncoding: Sendable {
    /// The sharded Redis adapter 8.3: MessagePack for a message with binary data, if its type may have some.
    case sharded
    /// An entry of the Redis Streams adapter 0.3, as in the sharded adapter. With `onlyPlaintext`, always JSON.
    case stream(onlyPlaintext: Bool)
    /// The messages that the Redis Streams adapter 0.3 publishes: always MessagePack.
    case ephemeral
    /// The PostgreSQL adapter 0.5: JSON in a notification. A message with binary data is MessagePack in a table, but an
    /// answer to `fetchSockets` is not.
    case postgres

    /// Returns true if the adapter writes the message in MessagePack.
    /// - Parameter tree: The message, or its content.
    func usesMessagePack(for message: ClusterMessage, _ tree: MessageTree) -> Bool {
        switch self {
        case .sharded, .stream(onlyPlaintext: false):
            Self.mayHaveBinary(message, includesSockets: true) && tree.hasAttachments
        case .stream(onlyPlaintext: true): false
        case .ephemeral: true
        case .postgres: Self.mayHaveBinary(message, includesSockets: false) && tree.hasAttachments
        }
    }

    private static func mayHaveBinary(_ message: ClusterMessage, includesSockets: Bool) -> Bool {
        switch message.content {
        case .broadcast, .serverEvent, .serverAnswer, .acknowledgement: true
        case .sockets: includesSockets
        default: false
        }
    }
}
