/// The range of a client's row ids that can be trusted, derived from the offset it presents.
///
/// A database that was restored from a backup assigns ids again that clients already have for other messages. The epoch
/// in an offset identifies the server start under which the client got its ids. For each start, the database records
/// the highest id that was assigned before the next start.
public enum RowTrust: Sendable, Equatable {
    /// The client presents no offset, or a malformed one. All its row ids are trusted.
    case unlimited
    /// Ids up to `limit` refer to rows of this database. `row` is the id in the offset, capped at `limit`.
    case limited(to: Int64, row: Int64)
    /// This database has no record of the offset's epoch. None of the client's ids refers to a row of this database.
    case foreign

    /// - Parameters:
    ///   - offset: The offset that the client presents; nil if it is missing or malformed.
    ///   - rowLimit: Returns the highest id assigned under an epoch, or nil for an unknown epoch.
    package init(_ offset: Offset?, rowLimit: (String) -> Int64?) {
        guard let offset, let row = offset.row else {
            self = .unlimited
            return
        }
        guard let limit = rowLimit(offset.epoch) else {
            self = .foreign
            return
        }
        self = .limited(to: limit, row: min(row, limit))
    }

    /// The highest id that the client may use.
    package var limit: Int64 {
        switch self {
        case .unlimited: .max
        case .limited(let limit, _): limit
        case .foreign: 0
        }
    }
}
