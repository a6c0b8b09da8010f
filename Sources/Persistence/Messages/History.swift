/// Stored messages, read in pages. Any number of readers may call this at the same time.
public protocol History: Sendable {
    /// Reads messages with `after < id ≤ through` in a short read transaction of its own, begun during this call.
    func page(after: Int64, through: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage

    /// Reads the last messages with `0 < id < before`, in id order, in a short read transaction of its own, begun during
    /// this call. The limit cuts at the old end.
    func page(before: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage

    /// The id after which exactly the last `count` messages with `0 < id ≤ through` lie; 0 when there are not more.
    func start(ofLatest count: Int, through: Int64) async throws(StoreError) -> Int64
}

/// The messages that one read returned, in id order.
public struct HistoryPage: Sendable, Equatable {
    /// Empty only when there is no message in the interval.
    public var messages: [StoredMessage]

    /// True when no message of the interval is left: a *short page*. A page cut by its limit says false, however few its
    /// messages.
    public var reachesEnd: Bool

    public init(messages: [StoredMessage], reachesEnd: Bool) {
        self.messages = messages
        self.reachesEnd = reachesEnd
    }
}

/// How much one page may hold. The first message is always returned, so that a reader gets on whatever a message's size.
public struct PageLimit: Sendable, Equatable {
    /// The greatest number of messages; less than one counts as one.
    public var messages: Int

    /// The greatest sum of content bytes.
    public var bytes: Int

    public init(messages: Int, bytes: Int) {
        self.messages = messages
        self.bytes = bytes
    }
}
