/// The result of one draft of a committed group.
public enum StoreOutcome: Sendable, Equatable {
    /// A new message, to be published.
    case stored(StoredMessage)

    /// A repeat: a row with the same client offset and content is on the disk, from an earlier group or from earlier in
    /// this one.
    case repeated(id: Int64)

    /// The database has refused this message, and only this one.
    case refused(StoreError)
}

/// The result of one commit.
public struct GroupReport: Sendable, Equatable {
    /// Rows that other programs added, in id order. Their ids are below those of the group's rows, so they must be
    /// published first.
    public var foreignRows: [StoredMessage]

    /// One outcome for each draft, in order. Empty if the group was deferred.
    public var outcomes: [StoreOutcome]

    /// True if the foreign rows exceeded their limit and the group was not run. Publish the rows, then commit the same
    /// group again.
    public var isDeferred: Bool

    /// Creates a report. The properties explain the parameters.
    public init(foreignRows: [StoredMessage], outcomes: [StoreOutcome], isDeferred: Bool) {
        self.foreignRows = foreignRows
        self.outcomes = outcomes
        self.isDeferred = isDeferred
    }
}
