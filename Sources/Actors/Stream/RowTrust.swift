/// How far the row ids that a client knows can be trusted, judged by the offset it presents.
///
/// A database that was restored from a backup gives ids again that clients already have, for other messages. The epoch
/// of an offset says under which start the client got its ids, and the database knows how far ids had come when the
/// next start took over.
public enum RowTrust: Sendable, Equatable {
    /// The client presents no offset, or one of another form: what it says of its rows counts.
    case unlimited
    /// Ids up to `limit` mean the rows of this database. `row` is the one in the offset, at most `limit`.
    case limited(to: Int64, row: Int64)
    /// The offset is of an epoch that this database has not recorded: no id of the client's means a row of it.
    case foreign

    /// - Parameters:
    ///   - offset: what the client presents; nil for nothing and for another form.
    ///   - rowLimit: the highest id that was given under an epoch; nil for one that was never recorded.
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

    /// The highest id that a client may name.
    package var limit: Int64 {
        switch self {
        case .unlimited: .max
        case .limited(let limit, _): limit
        case .foreign: 0
        }
    }
}
