/// Why a statement has no result.
enum PostgresFailure: Error, Equatable, CustomStringConvertible {
    /// There is no connection, or the statement was not sent. Nothing of it was executed.
    case unavailable(String)
    /// The server has refused the statement. Nothing of it was executed, and the connection can be used.
    case rejected(PostgresError)
    /// The server is another one than at the start of the store.
    case replaced(String)
    /// The connection ended before the result. It is unknown whether the statement was executed.
    case lost(String)

    var description: String {
        switch self {
        case .unavailable(let reason), .replaced(let reason), .lost(let reason): reason
        // Only another session than the one that parsed a statement does not have it.
        case .rejected(let error) where error.sqlClass == "26":
            "\(error) (a pool of connections must pool by session)"
        case .rejected(let error): "\(error)"
        }
    }
}
