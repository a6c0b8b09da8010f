/// Why a database cannot be copied. The description is one line for the operator.
package enum CopyError: Error, Equatable, Sendable {
    /// The source cannot be read, or a program writes to it.
    case source(StoreError)
    /// A row of the source does not fit into a row of PostgreSQL.
    case rowTooLarge(id: Int64, bytes: Int)
    /// The target is not suitable.
    case refused(database: String, reason: String)
    /// The target cannot be reached, or has refused a statement. The same command continues the copy.
    case interrupted(database: String, reason: String)
}

extension CopyError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .source(let error): "cannot copy: \(error)"
        case .rowTooLarge(let id, let bytes):
            "cannot copy: the row \(id) has \(bytes) bytes, and the limit is \(DatabaseCopy.maxRowBytes)"
        case .refused(let database, let reason): "cannot copy to \(database): \(reason)"
        case .interrupted(let database, let reason):
            "cannot copy to \(database): \(reason); run the same command again to continue"
        }
    }
}
