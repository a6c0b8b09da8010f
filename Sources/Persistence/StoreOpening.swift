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
