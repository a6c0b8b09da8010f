/// A chat message that a client sends.
final class Message {
    let content: [UInt8]
    let clientOffset: [UInt8]
    /// True if no other message has this content.
    let isUnique: Bool
    var attempts = 0
    var isPending = false
    /// True once the sender has given up and reported an error to its user.
    var hasFailed = false
    var isAcknowledged = false
    /// The number of the connection on which the message was last sent.
    var connection: Int?

    init(_ content: String, clientOffset: String, isUnique: Bool) {
        self.content = Array(content.utf8)
        self.clientOffset = Array(clientOffset.utf8)
        self.isUnique = isUnique
    }
}
