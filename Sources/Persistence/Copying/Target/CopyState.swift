/// The state of a database to which an SQLite database may be copied.
enum CopyState: Equatable {
    /// It has no messages.
    case empty
    /// It has the first rows of a source.
    case unfinished(RecordedCopy)
    /// It has all rows of a source. Servers may have added others.
    case finished(RecordedCopy)
}

/// A copy as the target has recorded it.
struct RecordedCopy: Equatable {
    /// The path of the source.
    let source: String
    let rowCount: Int64
    let digestText: [UInt8]
}
