/// Stored messages, read in pages. Calls may run concurrently.
public protocol History: Sendable {
    /// Reads the first messages with `after < id ≤ through`, in id order. The read transaction begins and ends within
    /// this call.
    /// - Parameter limit: the limit of the page. Later messages are left out.
    /// - Throws: ``StoreError/failed(code:message:path:)`` or ``StoreError/closed``.
    func page(after: Int64, through: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage

    /// Reads the last messages with `0 < id < before`, in id order. The read transaction begins and ends within this
    /// call.
    /// - Parameter limit: the limit of the page. Earlier messages are left out.
    /// - Throws: ``StoreError/failed(code:message:path:)`` or ``StoreError/closed``.
    func page(before: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage

    /// Returns the id of the message before the last `count` messages with `0 < id ≤ through`; 0 if there is none.
    /// - Throws: ``StoreError/failed(code:message:path:)`` or ``StoreError/closed``.
    func start(ofLatest count: Int, through: Int64) async throws(StoreError) -> Int64
}

/// The messages that one read returned, in id order.
public struct HistoryPage: Sendable, Equatable {
    /// Empty only if the interval has no message.
    public var messages: [StoredMessage]

    /// True if the interval has no message beyond this page. False if the limit ended the page before the interval's
    /// end.
    public var reachesEnd: Bool

    /// Creates a page.
    public init(messages: [StoredMessage], reachesEnd: Bool) {
        self.messages = messages
        self.reachesEnd = reachesEnd
    }
}

/// The limits of one page. The first message is returned whatever its size, so that a reader always makes progress.
public struct PageLimit: Sendable, Equatable {
    /// The largest number of messages. Less than one counts as one.
    public var messages: Int

    /// The largest total size of the contents, in bytes.
    public var bytes: Int

    /// Creates a limit.
    public init(messages: Int, bytes: Int) {
        self.messages = messages
        self.bytes = bytes
    }
}
