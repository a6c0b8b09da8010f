import Persistence
import Transport

/// The stored messages of a worker's stream: the last id, the recent messages, and the messages that are not yet
/// delivered to live followers.
struct MessageFeed {
    private(set) var ring: MessageRing
    /// Encodes messages for clients.
    var encoding = MessageEncoding(event: "", namespace: "/", epoch: nil)
    private var gathered: MessageRun?
    /// The number of deletions that the stream has told.
    private(set) var deletionCount = 0
    /// The last of them. A page of the history is short-lived, so a few are enough.
    private var deletions: [DeletedMessages] = []
    private static let maxDeletions = 64

    /// - Parameter ringCapacity: The maximum size in bytes of the recent messages, kept for readers slightly behind.
    init(ringCapacity: Int) {
        ring = MessageRing(capacity: ringCapacity)
    }

    /// The last message id applied in the worker's stream.
    var applied: Int64 { ring.to }

    /// Adds a message of the stream. Ignores a message that was already applied.
    mutating func gather(_ message: StoredMessage, position: UInt64) {
        guard message.id > applied else { return }
        if gathered == nil { gathered = MessageRun(encoding) }
        gathered?.append(message, position: position)
        ring.append(message)
    }

    /// The approximate size of the gathered messages, in bytes.
    var gatheredBytes: Int { gathered?.byteCount ?? 0 }

    /// Removes and returns the gathered messages.
    mutating func finish() -> MessageRun? {
        defer { gathered = nil }
        return gathered
    }

    /// A page of recent messages from memory.
    /// - Parameters:
    ///   - id: The page starts after this id.
    ///   - through: The last id of the interval to read.
    ///   - limit: The page ends with the message that brings its size to this number of bytes.
    /// - Returns: nil if the reader must ask the history.
    func recent(after id: Int64, through: Int64, limit: Int) -> HistoryPage? {
        guard let messages = ring.messages(after: id, limit: limit), let last = messages.last?.id else { return nil }
        return HistoryPage(messages: Array(messages), reachesEnd: last == through)
    }

    /// Removes deleted messages from those that are kept for readers.
    mutating func delete(_ deleted: DeletedMessages) {
        ring.remove(deleted)
        deletionCount += 1
        deletions.append(deleted)
        if deletions.count > Self.maxDeletions { deletions.removeFirst() }
    }

    /// The page without the messages that were deleted while it was read; nil if it must be read again.
    /// - Parameter count: the ``deletionCount`` when the read began.
    func withoutDeleted(_ page: HistoryPage, since count: Int) -> HistoryPage? {
        let kept = removingDeleted(from: page, since: count)
        // The reader continues after the last message. If that one is gone, it would read the interval again.
        return kept?.messages.last?.id == page.messages.last?.id || page.reachesEnd ? kept : nil
    }

    /// The page without the messages that were deleted while it was read; nil if there were too many deletions to know.
    /// - Parameter count: the ``deletionCount`` when the read began.
    func removingDeleted(from page: HistoryPage, since count: Int) -> HistoryPage? {
        guard deletionCount > count else { return page }
        guard deletionCount - count <= deletions.count else { return nil }
        var page = page
        for deleted in deletions.suffix(deletionCount - count) { page.messages.removeAll { deleted.contains($0.id) } }
        return page
    }

    /// Handles the answer to a subscription. The stream now carries every message above `lastPublished`. If the feed
    /// was already active, `lastPublished` equals ``applied``.
    mutating func subscribed(lastPublished: Int64) {
        if ring.to != lastPublished { ring.reset(to: lastPublished) }
    }
}
