/// What the hub asks of a store: rows in one order, each message once, nothing acknowledged that is not on the disk.
///
/// One caller commits and polls, one call at a time, and publishes what it is told in the order it is told. Pages may
/// be read at the same time by anyone.
public protocol MessageStore: History {
    /// What was found at the start.
    var opening: StoreOpening { get }

    /// The highest row id that a client can have been given under `epoch` and that still means the same row: what had
    /// been assigned when a later start took over; no limit for this start's own.
    ///
    /// - Returns: nil for an epoch that this database has not recorded.
    func rowLimit(ofEpoch epoch: String) -> Int64?

    /// Stores a group in one transaction, all or nothing.
    ///
    /// - Throws: ``StoreError/failed(code:message:path:)`` when nothing of the group was stored and the store can go
    ///   on;
    ///   an error that ``StoreError/endsStore`` when this store must not be written to any more;
    ///   ``StoreError/offsetContainsNUL(request:)`` for a request that the caller should have refused.
    func commit(_ group: [MessageDraft]) async throws(StoreError) -> GroupReport

    /// Rows that other programs have added since the last report, in id order and bounded: to be called by a timer when
    /// nothing is committed, and again while it returns rows.
    ///
    /// - Throws: ``StoreError/failed(code:message:path:)``, and nothing is skipped: the next call returns the rows.
    func poll() async throws(StoreError) -> [StoredMessage]

    /// Ends the store and releases the database. Calls that come later throw ``StoreError/closed``.
    func close() async
}

/// What a store found when it was opened, all read in the transaction that recorded its epoch.
public struct StoreOpening: Sendable, Equatable {
    /// The highest row id present, 0 for an empty table: the first watermark. Rows up to it are history.
    public var highestRowID: Int64

    /// The highest id that any row ever had, deleted ones included. A client that claims to have seen a higher one
    /// comes from another database.
    public var highestAssignedID: Int64

    /// The number of starts recorded in this database, this one included.
    public var epochNumber: Int64

    public init(highestRowID: Int64, highestAssignedID: Int64, epochNumber: Int64) {
        self.highestRowID = highestRowID
        self.highestAssignedID = highestAssignedID
        self.epochNumber = epochNumber
    }
}
