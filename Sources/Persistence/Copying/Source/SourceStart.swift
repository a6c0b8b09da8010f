/// A start of a server that an SQLite database has recorded; see ``EpochHistory``.
package struct SourceStart: Equatable, Sendable {
    package let epoch: [UInt8]
    /// In milliseconds since 1970.
    package let startedAt: Int64
    /// The highest id assigned before this start; nil if an older version of chatd did not record it.
    package let highestID: Int64?
    /// The highest id up to which the epoch's offsets count, if a restore has limited them; nil for no such limit.
    package var rowLimit: Int64?

    package init(epoch: [UInt8], startedAt: Int64, highestID: Int64?, rowLimit: Int64? = nil) {
        self.rowLimit = rowLimit
        self.epoch = epoch
        self.startedAt = startedAt
        self.highestID = highestID
    }
}
