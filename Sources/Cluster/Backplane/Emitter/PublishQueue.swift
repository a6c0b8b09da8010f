@_spi(Collections) import Actors

/// What an emitter publishes: messages that wait for a connection, and those that the broker has not confirmed.
///
/// A value without I/O. Time is an argument.
struct PublishQueue<Message: OutboxMessage> {
    struct Entry {
        /// The name of the message in this queue.
        let id: UInt64
        let message: Message
        /// When its sender stops to wait.
        let deadline: ContinuousClock.Instant
    }

    /// A message whose sender waits no longer.
    struct Overdue: Equatable {
        let id: UInt64
        /// True if it was sent.
        let wasSent: Bool
    }

    /// How many bytes may wait for another message to be accepted.
    static var limit: Int { 16 << 20 }
    /// What a message occupies in addition to its content, in bytes.
    private static var overhead: Int { 100 }

    private var waiting = Queue<Entry>()
    /// The sent messages by the numbers of their commands, with their sizes.
    private var sent: [UInt64: (id: UInt64, byteCount: Int, deadline: ContinuousClock.Instant)] = [:]
    /// The messages whose senders wait.
    private var open: Set<UInt64> = []
    private var lastID: UInt64 = 0
    /// The size of all messages.
    private(set) var byteCount = 0

    /// True if a message waits for a connection.
    var hasWaiting: Bool { !waiting.isEmpty }

    /// The earliest deadline of a message whose sender waits; nil if none does.
    var deadline: ContinuousClock.Instant? {
        let sentDeadline = sent.values.lazy.filter { open.contains($0.id) }.map(\.deadline).min()
        return [waiting.first?.deadline, sentDeadline].compactMap { $0 }.min()
    }

    /// A name for a message.
    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    /// Adds a message. The deadlines of later messages are later.
    /// - Parameter id: the name from ``nextID()``.
    /// - Returns: false if too many bytes wait.
    mutating func append(_ message: Message, as id: UInt64, deadline: ContinuousClock.Instant) -> Bool {
        guard byteCount < Self.limit else { return false }
        let entry = Entry(id: id, message: message, deadline: deadline)
        waiting.append(entry)
        open.insert(id)
        byteCount += Self.size(of: entry)
        return true
    }

    private static func size(of entry: Entry) -> Int { entry.message.byteCount + overhead }

    /// Takes the next message. The caller sends it, and calls ``sent(_:as:)``.
    mutating func next() -> Entry? {
        while let entry = waiting.removeFirst() {
            if open.contains(entry.id) { return entry }
            byteCount -= Self.size(of: entry)
        }
        return nil
    }

    /// The message was sent with the command of this number.
    mutating func sent(_ entry: Entry, as command: UInt64) {
        sent[command] = (entry.id, Self.size(of: entry), entry.deadline)
    }

    /// The broker has answered a command.
    /// - Returns: the message; nil if its sender waits no longer.
    mutating func answered(_ command: UInt64) -> UInt64? {
        guard let message = sent.removeValue(forKey: command) else { return nil }
        byteCount -= message.byteCount
        return open.remove(message.id)
    }

    /// The sender waits no longer. A message that was not sent never will be.
    /// - Returns: false if the message has ended already.
    mutating func cancel(_ id: UInt64) -> Bool {
        guard open.remove(id) != nil else { return false }
        while let first = waiting.first, !open.contains(first.id) {
            byteCount -= Self.size(of: first)
            _ = waiting.removeFirst()
        }
        return true
    }

    /// The messages whose time is up.
    mutating func expire(at now: ContinuousClock.Instant) -> [Overdue] {
        var overdue: [Overdue] = []
        for message in sent.values where now >= message.deadline && open.remove(message.id) != nil {
            overdue.append(Overdue(id: message.id, wasSent: true))
        }
        while let first = waiting.first, now >= first.deadline || !open.contains(first.id) {
            byteCount -= Self.size(of: first)
            _ = waiting.removeFirst()
            if open.remove(first.id) != nil { overdue.append(Overdue(id: first.id, wasSent: false)) }
        }
        return overdue.sorted { $0.id < $1.id }
    }

    /// The connection has ended.
    /// - Returns: the messages that the broker may have or not, in order.
    mutating func connectionEnded() -> [UInt64] {
        let lost = sent.values.map(\.id).filter { open.remove($0) != nil }
        byteCount -= sent.values.reduce(0) { $0 + $1.byteCount }
        sent = [:]
        return lost.sorted()
    }

    /// Removes the messages that were not sent.
    /// - Returns: those whose senders wait, in order.
    mutating func removeWaiting() -> [UInt64] {
        var removed: [UInt64] = []
        while let entry = next() {
            byteCount -= Self.size(of: entry)
            open.remove(entry.id)
            removed.append(entry.id)
        }
        return removed
    }
}
