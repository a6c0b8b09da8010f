/// What one read returned: some rows in id order, and whether that was all of them.
public struct Page: Sendable, Equatable {
    /// The rows, in id order. Empty only when there is none in the interval.
    public var rows: [Row]

    /// True when no row of the interval is left: a *short page*. A page cut by its limit says false, however few its
    /// rows.
    public var reachesEnd: Bool

    public init(rows: [Row], reachesEnd: Bool) {
        self.rows = rows
        self.reachesEnd = reachesEnd
    }
}

/// How much one page may hold. The first row is always returned, so that a reader gets on whatever a row's size.
public struct PageLimit: Sendable, Equatable {
    /// The greatest number of rows; less than one counts as one.
    public var rows: Int

    /// The greatest sum of content bytes.
    public var bytes: Int

    public init(rows: Int, bytes: Int) {
        self.rows = rows
        self.bytes = bytes
    }
}
