import CSQLite
import Glibc

/// Why a store cannot be opened, or did not do what it was asked. Each description is one line for the operator.
public enum StoreError: Error, Sendable, Equatable {
    /// The database, or the lock beside it, cannot be opened or created.
    case cannotOpen(path: String, reason: String)

    /// Another process (or another store in this one) writes this database. `path` is the lock file.
    /// `process` is its id, where known.
    case lockedByAnotherWriter(path: String, process: Int32?)

    /// The file is something else than an SQLite database. It was not touched.
    case notADatabase(path: String)

    /// The database has a table of ours in another shape. It was not touched.
    case unsuitableSchema(path: String, reason: String)

    /// A later start has recorded its epoch in this database: this store has lost it for good.
    case superseded(path: String)

    /// The database's file was deleted, moved or replaced while it was served: what is written now is lost with this
    /// process.
    case fileGone(path: String)

    /// A file beside the database is no longer the one that was opened: what is written now may be lost with this
    /// process. `savedIn` is the file in which every acknowledged message is; nil when some may be lost.
    case fileFault(path: String, FileFault, savedIn: String?)

    /// SQLite refused. Nothing of the group is stored, and the store remains usable. `code` is SQLite's extended result
    /// code, ``cause`` what it means.
    case failed(code: Int32, message: String, path: String)

    /// A commit failed in a way that leaves open whether its rows are stored, and reading them back failed as well. The
    /// store refuses everything from now on: only a new start can find out.
    case outcomeUnknown(message: String, path: String)

    /// The client offset of the request at this index of the group contains U+0000. Nothing of the group was run.
    case offsetContainsNUL(request: Int)

    /// The store has been closed.
    case closed
}

extension StoreError {
    /// What has become of a file that is in use.
    public enum FileFault: Sendable, Equatable {
        case deleted
        case replaced
        /// It is shorter than what was written to it.
        case cut
    }

    /// Whether the store that throws this must not be used any more: only a new start can go on.
    public var endsStore: Bool {
        switch self {
        case .outcomeUnknown, .superseded, .fileGone, .fileFault: true
        default: false
        }
    }

    /// The kinds of failure that an operator or a counter tells apart.
    public enum Cause: Sendable, Equatable {
        /// Another program held the database for longer than the busy timeout.
        case busy
        /// The disk, the allowed size or the range of ids is exhausted.
        case full
        /// The database is damaged.
        case corrupt
        /// Reading or writing failed.
        case io
        /// Anything else; see the message.
        case other
    }

    /// What kind of failure ``failed(code:message:path:)`` is; nil for the other cases.
    public var cause: Cause? {
        guard case .failed(let code, _, _) = self else { return nil }
        // The low byte of an extended result code is the primary one (sqlite.org/rescode.html).
        return switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_FULL: .full
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
        case SQLITE_IOERR: .io
        default: .other
        }
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason):
            "cannot open \(path): \(reason)"
        case .lockedByAnotherWriter(let path, let process):
            "another process\(process.map { " (\($0))" } ?? "") serves this database: it holds \(path)"
        case .notADatabase(let path):
            "\(path) is not an SQLite database"
        case .unsuitableSchema(let path, let reason):
            "\(path) is not a chat database: \(reason)"
        case .superseded(let path):
            "a later start has taken over the database \(path)"
        case .fileGone(let path):
            "the database \(path) was deleted, moved or replaced while it was served"
        case .fileFault(let path, let fault, let saved):
            "\(path) was \(fault) while it was in use; "
                + (saved.map { "every acknowledged message is in \($0)" }
                    ?? "the last acknowledged messages may be lost")
        case .failed(let code, _, let path) where cause == .busy:
            "another program keeps \(path) locked (SQLite code \(code))"
        case .failed(let code, let message, let path):
            "\(path): \(message) (SQLite code \(code))"
        case .outcomeUnknown(let message, let path):
            "\(path): it is unknown whether the last messages were stored: \(message)"
        case .offsetContainsNUL(let request):
            "the client offset of request \(request) contains U+0000"
        case .closed:
            "the message store is closed"
        }
    }
}

/// The C library's words for an error number.
func systemMessage(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
