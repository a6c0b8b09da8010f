import Persistence
import Transport

/// The stored messages as a worker's stream brings them: which one came last, the recent ones, and those that are not handed
/// on yet to those who follow live.
package struct MessageFeed {
    package private(set) var ring: MessageRing
    /// How messages are written for clients.
    package var encoding = MessageEncoding(event: "", namespace: "/", epoch: nil)
    private var gathered: MessageRun?

    /// - Parameter ringCapacity: how many bytes of recent messages are kept for readers that are a little behind.
    package init(ringCapacity: Int) {
        ring = MessageRing(capacity: ringCapacity)
    }

    /// The id applied last in the worker's stream.
    package var applied: Int64 { ring.to }

    /// Takes a message of the stream.
    package mutating func gather(_ message: StoredMessage, position: UInt64) {
        guard message.id > applied else { return }
        if gathered == nil { gathered = MessageRun(encoding) }
        gathered?.append(message, position: position)
        ring.append(message)
    }

    /// About how many bytes were gathered.
    package var gatheredBytes: Int { gathered?.byteCount ?? 0 }

    /// What was gathered, as one piece.
    package mutating func finish() -> MessageRun? {
        defer { gathered = nil }
        return gathered
    }

    /// What a reader gets without asking the history: recent messages behind `id`, until they reach `limit` bytes.
    /// - Parameter through: the end of what it reads.
    /// - Returns: nil when it has to ask the history.
    package func recent(after id: Int64, through: Int64, limit: Int) -> HistoryPage? {
        guard let messages = ring.messages(after: id, limit: limit), let last = messages.last?.id else { return nil }
        return HistoryPage(messages: Array(messages), reachesEnd: last == through)
    }

    /// A subscription was answered: messages flow from `lastPublished` on. If they flowed before, it is what was applied last.
    package mutating func flows(from lastPublished: Int64) {
        if ring.to != lastPublished { ring.reset(to: lastPublished) }
    }
}
