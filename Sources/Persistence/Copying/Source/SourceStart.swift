/// A start of a server that an SQLite database has recorded; see ``EpochHistory``.
struct SourceStart: Equatable, Sendable {
    let epoch: [UInt8]
    /// In milliseconds since 1970.
    let startedAt: Int64
    /// The highest id assigned before this start; nil if an older version of chatd did not record it.
    let highestID: Int64?
}
