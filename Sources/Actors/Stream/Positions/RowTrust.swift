/// The range of a client's row ids that can be trusted, derived from the offset it presents.
///
/// A database that was restored from a backup reuses ids under which clients already have other messages. The epoch in
/// an offset identifies the server start under which the client got its ids. For each start, the database records the
/// highest id that was assigned before that start. Ids from one start are trusted up to the lowest id that was recorded
/// for the later starts.
public enum RowTrust: Sendable, Equatable {
    /// The client presents no offset, a malformed one, or one without a row id. All its row ids are trusted.
    case unlimited
    /// Ids up to `limit` refer to rows of this database. `row` is the id in the offset, capped at `limit`.
    case limited(to: Int64, row: Int64)
    /// This database has no record of the offset's epoch, so none of the client's ids are trusted.
    case foreign

    /// - Parameters:
    ///   - offset: The offset that the client presents; nil if it is missing or malformed.
    ///   - rowLimit: Returns the highest trusted row id of an epoch; nil if the store has not recorded the epoch.
    package init(_ offset: Offset?, rowLimit: (String) -> Int64?) {
        guard let offset, let row = offset.row else {
            self = .unlimited
            return
        }
        guard let limit = offset.epoch.flatMap(rowLimit) else {
            self = .foreign
            return
        }
        self = .limited(to: limit, row: min(row, limit))
    }

    /// The highest id that is trusted.
    package var limit: Int64 {
        switch self {
        case .unlimited: .max
        case .limited(let limit, _): limit
        case .foreign: 0
        }
    }
}
