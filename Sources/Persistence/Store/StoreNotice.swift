/// Something that a store tells its user without being asked.
public enum StoreNotice: Sendable, Equatable {
    /// Other programs may have added rows, so a poll may find some.
    case changed
    /// The connection to the database has ended. The store connects again.
    case disconnected(database: String, reason: String)
    /// There is a connection to the database again.
    case reconnected(database: String)
}

extension StoreNotice: CustomStringConvertible {
    /// One line for the operator.
    public var description: String {
        switch self {
        case .changed: "other programs may have added messages"
        case .disconnected(let database, let reason): "error: lost the connection to \(database): \(reason)"
        case .reconnected(let database): "connected to \(database) again"
        }
    }
}
