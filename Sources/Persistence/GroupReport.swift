/// What became of one request of a committed group. Either way a row with this content is on the disk.
public enum StoreOutcome: Sendable, Equatable {
    /// A new row, to be published.
    case stored(id: Int64)

    /// A repeat: a row with the same client offset and content exists, from before or from earlier in this group.
    case repeated(id: Int64)
}

/// What one commit did.
public struct GroupReport: Sendable, Equatable {
    /// Rows that other programs added, in id order, all below the group's own: to be published before them.
    public var foreignRows: [Row]

    /// One outcome for each request, in order. Empty when the group was deferred.
    public var outcomes: [StoreOutcome]

    /// Milliseconds since 1970 that the group's new rows carry.
    public var createdAt: Int64

    /// True when the foreign rows filled their bound and nothing of the group was run: publish them, then commit the
    /// same group again.
    public var isDeferred: Bool

    public init(foreignRows: [Row], outcomes: [StoreOutcome], createdAt: Int64, isDeferred: Bool) {
        self.foreignRows = foreignRows
        self.outcomes = outcomes
        self.createdAt = createdAt
        self.isDeferred = isDeferred
    }
}
