import Transport

/// The way from a worker to the hub, the one place that orders events, and back.
///
/// A worker hands over the operations of a loop turn in one batch; whatever the hub ordered comes back as a stream of
/// items, the worker's own operations included, each at its place in the one order. What is behind an adapter (a hub
/// in this process, a pipe to another one, a database) makes no difference to the worker.
public protocol Adapter: Sendable {
    /// Connects a worker. From now on `receiver` gets the stream. Called once, on the worker's loop.
    func attach(_ receiver: any StreamReceiver)

    /// Hands over operations in order. Called on the worker's loop, once a turn at most.
    func submit(_ operations: [Operation])

    /// What the hub promises to its workers. Asked after ``attach(_:)``.
    var terms: HubTerms { get }

    /// The stored messages, to catch up from; nil without a store.
    var history: (any History)? { get }
}

/// What a hub promises to its workers.
public struct HubTerms: Sendable, Equatable {
    /// The name of this start of the hub: positions of another epoch mean nothing.
    public let epoch: String
    /// Whether lost sessions are kept and can be claimed (connection state recovery).
    public let keepsSessions: Bool

    public init(epoch: String, keepsSessions: Bool) {
        self.epoch = epoch
        self.keepsSessions = keepsSessions
    }
}

/// Who gets the stream: a worker.
public protocol StreamReceiver: AnyObject, Sendable {
    /// The next items of the stream, in order. Called on the worker's loop.
    func receive(_ items: [StreamItem])
}

/// Stored messages, read in pages.
public protocol History: Sendable {
    /// The messages with `after < id <= through`, in id order: the first `maxCount` of them, or fewer when they reach
    /// `maxBytes`. At least one is returned when there is one.
    /// - Throws: whatever the store reports; the caller tries again later.
    func page(after: Int64, through: Int64, maxCount: Int, maxBytes: Int) async throws -> HistoryPage

    /// The last messages with `id < before`, in id order: `maxCount` of them, or fewer when they reach `maxBytes`. At
    /// least one is returned when there is one.
    /// - Throws: whatever the store reports.
    func page(before: Int64, maxCount: Int, maxBytes: Int) async throws -> HistoryPage

    /// The id after which exactly the last `count` messages with `id <= through` lie; 0 when there are not more.
    /// - Throws: whatever the store reports; the caller tries again later.
    func start(ofLatest count: Int, through: Int64) async throws -> Int64
}

/// A page of stored messages.
public struct HistoryPage: Sendable, Equatable {
    public let messages: [StoredMessage]
    /// Whether the interval that was asked for is exhausted.
    public let reachesEnd: Bool

    public init(messages: [StoredMessage], reachesEnd: Bool) {
        self.messages = messages
        self.reachesEnd = reachesEnd
    }
}
