@_spi(Collections) import Actors

/// A message for a broker.
protocol OutboxMessage {
    /// The size of its content, in bytes.
    var byteCount: Int { get }
    /// The number of the hub's message that it carries; nil for another one.
    var number: UInt64? { get }
}

extension OutboxMessage {
    var number: UInt64? { nil }
}

/// What this host publishes at a broker: messages that wait for a subscription, for a connection or for room on it, and
/// those that the broker has not taken yet.
///
/// The messages of the hub are always accepted. The credit of the workers bounds them, because a message returns its
/// credit when it comes back from the broker. Questions and answers are refused while there is no room: what other
/// hosts ask has no other bound.
struct Outbox<Message: OutboxMessage> {
    /// How many bytes may be in the outbox for another question or answer to be accepted.
    static var limit: Int { 16 << 20 }
    /// What a message occupies in addition to its content, in bytes.
    private static var overhead: Int { 100 }

    private var waiting = Queue<Message>()
    /// The messages that the broker has not taken, by the numbers of their commands.
    private var sent = Queue<(command: UInt64, byteCount: Int, number: UInt64?)>()
    /// The size of all messages.
    private(set) var byteCount = 0

    /// True if no message waits.
    var isEmpty: Bool { waiting.isEmpty }
    /// False if no further question or answer is accepted.
    var hasRoom: Bool { byteCount < Self.limit }

    /// Adds a message.
    mutating func append(_ message: Message) {
        waiting.append(message)
        byteCount += Self.size(of: message)
    }

    /// Takes the next message. The caller sends it, and calls ``sent(_:as:)``.
    /// - Parameter isReady: returns false for a message that must wait, and the ones behind it.
    /// - Returns: nil if no message waits, or if the next one is not ready.
    mutating func next(_ isReady: (Message) -> Bool = { _ in true }) -> Message? {
        guard let first = waiting.first, isReady(first) else { return nil }
        return waiting.removeFirst()
    }

    /// The message was sent with the command of this number.
    mutating func sent(_ message: Message, as command: UInt64) {
        sent.append((command, Self.size(of: message), message.number))
    }

    /// The broker has answered the command, and all before it.
    /// - Returns: the number of the last message of the hub among them; nil if there is none.
    @discardableResult
    mutating func answered(_ command: UInt64) -> UInt64? {
        var number: UInt64?
        while let first = sent.first, first.command <= command {
            _ = sent.removeFirst()
            byteCount -= first.byteCount
            number = first.number ?? number
        }
        return number
    }

    private static func size(of message: Message) -> Int { message.byteCount + overhead }
}
