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
