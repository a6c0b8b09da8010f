import Persistence

/// The reason why messages could not be deleted.
package enum DeletionError: Error, CustomStringConvertible {
    /// The store cannot delete single messages.
    case unsupported
    /// The server is stopping, its store is lost, or too many deletions wait. Nothing was deleted.
    case unavailable
    /// The store has failed. If it cannot tell whether the messages are deleted, a repeated call finds out.
    case failed(StoreError)

    package var description: String {
        switch self {
        case .unsupported: "this server's database cannot delete single messages; only an SQLite database can"
        case .unavailable: "the server deletes no messages now: it is stopping, or too many deletions wait"
        case .failed(let error): "the messages may not be deleted; try again: \(error)"
        }
    }
}
