/// The hub's interface to a store. The store keeps the messages in one order and each message once. A message that it
/// reports as stored is on the disk.
///
/// One caller commits and polls, one call at a time, and publishes the reported messages in the order of the reports.
/// Pages may be read concurrently.
public protocol MessageStore: History {
    /// The state of the store when it was opened.
    var opening: StoreOpening { get }

    /// True if other servers send rows of the database to clients too. A client that comes from one of them may then
    /// know an epoch, or have rows, that this store has not read yet. The default implementation returns false.
    var isShared: Bool { get }

    /// The highest id that is known to be assigned. It may grow with each commit and poll. The default implementation
    /// returns that of ``opening``.
    var highestAssignedID: Int64 { get }

    /// Returns the highest row id that a client may have received under `epoch` and that still identifies the same row.
    /// It is the lowest of the ids that later starts recorded as the highest assigned so far; the present epoch has no
    /// limit.
    ///
    /// - Returns: nil if this database has not recorded the epoch.
    func rowLimit(ofEpoch epoch: String) -> Int64?

    /// Stores a group in one transaction, all or nothing.
    ///
    /// - Throws: ``StoreError/failed(code:message:path:)`` if nothing of the group was stored and the store is still
    ///   usable; an error with ``StoreError/endsStore`` if the store must not be written any more;
    ///   ``StoreError/offsetContainsNUL(request:)`` if the caller failed to reject an invalid client offset.
    func commit(_ group: [MessageDraft]) async throws(StoreError) -> GroupReport
    /// Returns rows that other programs have added since the last report, in id order and up to a limit. Call it
    /// regularly while nothing is committed, and again at once if it returned rows.
    ///
    /// - Throws: ``StoreError/failed(code:message:path:)``; no row is skipped then, because the next call returns it.
    ///   An error with ``StoreError/endsStore`` if the store must not be written any more.
    func poll() async throws(StoreError) -> [StoredMessage]

    /// True if ``prune()`` may delete something. The default implementation returns false.
    var needsPruning: Bool { get }

    /// Deletes some of the messages that are not to be kept, and some of what is left of those that were deleted long
    /// ago, in a short transaction. Call it regularly, between other calls, and again soon if it may continue. The
    /// default implementation deletes nothing.
    ///
    /// - Throws: ``StoreError/failed(code:message:path:)`` if nothing was deleted, or if that is unknown: the next call
    ///   tells. An error with ``StoreError/endsStore`` if the store must not be written any more.
    func prune() async throws(StoreError) -> Pruning

    /// Deletes messages, in one transaction. A repeat of one is acknowledged and not stored again, like that of a
    /// message that ``prune()`` has deleted. The default implementation deletes nothing and returns nil.
    ///
    /// - Parameter ids: at most a few hundred ids.
    /// - Returns: nil if this store cannot delete single messages.
    /// - Throws: ``StoreError/failed(code:message:path:)`` if nothing was deleted, or if that is unknown: a repeated
    ///   call tells. An error with ``StoreError/endsStore`` if the store must not be written any more.
    func delete(_ ids: [Int64]) async throws(StoreError) -> Deletion?

    /// Makes calls that wait for a database that does not answer end soon, because the server stops.
    func stopWaiting()

    /// Calls `handler` on any thread when something happens that concerns the caller. The default implementation never
    /// calls it.
    func observe(_ handler: @escaping @Sendable (StoreNotice) -> Void) async

    /// Closes the store and releases the database. Later calls throw ``StoreError/closed``.
    func close() async
}

extension MessageStore {
    public var needsPruning: Bool { false }
    public func prune() async throws(StoreError) -> Pruning { Pruning() }
    public func delete(_ ids: [Int64]) async throws(StoreError) -> Deletion? { nil }
    public func stopWaiting() {}
    public func observe(_ handler: @escaping @Sendable (StoreNotice) -> Void) async {}
    public var isShared: Bool { false }
    public var highestAssignedID: Int64 { opening.highestAssignedID }
}

/// The state of a store when it was opened, read in the transaction that recorded its epoch.
public struct StoreOpening: Sendable, Equatable {
    /// The highest row id in the table; 0 if it is empty. Rows up to it are history and are not published.
    public var highestRowID: Int64

    /// The highest id ever assigned, including those of deleted rows. A client that names a higher one comes from
    /// another database.
    public var highestAssignedID: Int64

    /// The number of starts recorded in this database, including this one.
    public var epochNumber: Int64

    /// Creates a description of an opened store. The properties explain the parameters.
    public init(highestRowID: Int64, highestAssignedID: Int64, epochNumber: Int64) {
        self.highestRowID = highestRowID
        self.highestAssignedID = highestAssignedID
        self.epochNumber = epochNumber
    }
}
