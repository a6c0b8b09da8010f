/// A chat message that a client sends.
final class Message {
    let content: [UInt8]
    let clientOffset: [UInt8]
    /// Whether no other client sends the same.
    let isUnique: Bool
    var attempts = 0
    var isPending = false
    /// Its sender does not wait for it any more, and has been told so.
    var hasFailed = false
    var isAcknowledged = false
    /// On which connection it went, for senders that send it once.
    var connection: Int?

    init(_ content: String, clientOffset: String, isUnique: Bool) {
        self.content = Array(content.utf8)
        self.clientOffset = Array(clientOffset.utf8)
        self.isUnique = isUnique
    }
}
