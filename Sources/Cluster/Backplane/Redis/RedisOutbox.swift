import Actors

/// What this host publishes at a Redis server: messages that wait for a subscription, for a connection or for room on
/// it, and those that the server has not taken yet.
///
/// The messages of the hub are always accepted. The credit of the workers bounds them, because a message returns its
/// credit when it comes back from the server. Questions and answers are refused beyond ``limit``: what other hosts ask
/// has no other bound.
struct RedisOutbox {
    struct Message {
        let channel: String
        let payload: [UInt8]
        /// The id of the question in the message; nil for another message.
        var requestID: String?
        /// The question for sessions in the message; nil for another message.
        var counts: HostMessage?

        fileprivate var byteCount: Int { channel.utf8.count + payload.count + RedisOutbox.overhead }
    }

    /// How many bytes may be in the outbox for another question or answer to be accepted.
    static let limit = 16 << 20
    /// What a message occupies in addition to its content, in bytes.
    fileprivate static let overhead = 100

    private var waiting = Queue<Message>()
    /// The messages that the server has not taken, by the numbers of their commands.
    private var sent = Queue<(command: UInt64, byteCount: Int)>()
    /// The size of all messages.
    private(set) var byteCount = 0

    /// True if no message waits.
    var isEmpty: Bool { waiting.isEmpty }
    /// False if no further question or answer is accepted.
    var hasRoom: Bool { byteCount < Self.limit }

    /// Adds a message.
    mutating func append(_ message: Message) {
        waiting.append(message)
        byteCount += message.byteCount
    }

    /// Takes the next message. The caller sends it, and calls ``sent(_:as:)``.
    mutating func next() -> Message? { waiting.removeFirst() }

    /// The message was sent with the command of this number.
    mutating func sent(_ message: Message, as command: UInt64) {
        sent.append((command, message.byteCount))
    }

    /// The server has answered the command, and all before it.
    mutating func answered(_ command: UInt64) {
        while let first = sent.first, first.command <= command {
            _ = sent.removeFirst()
            byteCount -= first.byteCount
        }
    }
}
