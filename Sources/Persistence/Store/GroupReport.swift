/// The result of one draft of a committed group. Either way a row with this content is on the disk.
public enum StoreOutcome: Sendable, Equatable {
    /// A new message, to be published.
    case stored(StoredMessage)

    /// A repeat: a row with the same client offset and content exists, from before or from earlier in this group.
    case repeated(id: Int64)
}

/// What one commit did.
public struct GroupReport: Sendable, Equatable {
    /// Rows that other programs added, in id order, all below the group's own: to be published before them.
    public var foreignRows: [StoredMessage]

    /// One outcome for each draft, in order. Empty when the group was deferred.
    public var outcomes: [StoreOutcome]

    /// True when the foreign rows filled their bound and nothing of the group was run: publish them, then commit the
    /// same group again.
    public var isDeferred: Bool

    public init(foreignRows: [StoredMessage], outcomes: [StoreOutcome], isDeferred: Bool) {
        self.foreignRows = foreignRows
        self.outcomes = outcomes
        self.isDeferred = isDeferred
    }
}
