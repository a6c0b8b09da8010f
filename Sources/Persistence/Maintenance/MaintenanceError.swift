/// Why a command on a database's file has failed. The description is one line for the operator.
package enum MaintenanceError: Error, Equatable, Sendable {
    /// A database cannot be read or written.
    case store(StoreError)
    /// A file cannot be written or has no suitable place.
    case file(path: String, reason: String)
    /// A database is damaged.
    case damaged(path: String, reason: String)
    /// A line of an import is not one that can be stored.
    case line(number: Int, reason: String)
    /// The database cannot take this import.
    case refused(String)
}

extension MaintenanceError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .store(let error): "\(error)"
        case .file(let path, let reason): "\(path): \(reason)"
        case .damaged(let path, let reason): "\(path) is damaged: \(reason)"
        case .line(let number, let reason): "line \(number): \(reason)"
        case .refused(let reason): reason
        }
    }

    /// Runs `body` and converts its error.
    static func wrap<Value: ~Copyable>(
        _ body: () throws(StoreError) -> Value
    ) throws(MaintenanceError) -> Value {
        do {
            return try body()
        } catch {
            throw .store(error)
        }
    }
}
