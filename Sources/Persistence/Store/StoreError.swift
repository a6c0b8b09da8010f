import CSQLite
import Glibc

/// A failure to open or use a store. The description is one line for the operator.
public enum StoreError: Error, Sendable, Equatable {
    /// The database, or the lock beside it, cannot be opened or created.
    case cannotOpen(path: String, reason: String)

    /// Another process, or another store in this process, writes this database. `path` is the lock file; `process` is
    /// the id of the other process, if known.
    case lockedByAnotherWriter(path: String, process: Int32?)

    /// The file is not an SQLite database. It was not changed.
    case notADatabase(path: String)

    /// The database has a table with our name but other columns. It was not changed.
    case unsuitableSchema(path: String, reason: String)

    /// A newer chatd has written the database, and its tables have a version above the highest known one. It was not
    /// changed.
    case newerSchema(path: String, version: Int64, known: Int64)

    /// A later start has recorded its epoch in this database. This store must not write to it again.
    case superseded(path: String)

    /// The database's file was deleted, moved or replaced while it was in use. Rows written now would be lost when this
    /// process ends.
    case fileGone(path: String)

    /// A file beside the database is no longer the one that was opened, so rows written now may be lost when this
    /// process ends. `savedIn` is the file that contains every acknowledged message; nil if some may be lost.
    case fileFault(path: String, FileFault, savedIn: String?)

    /// SQLite reported an error. Nothing of the group is stored, and the store remains usable. `code` is SQLite's
    /// extended result code (sqlite.org/rescode.html), and ``cause`` its meaning.
    case failed(code: Int32, message: String, path: String)

    /// A commit failed with an unknown outcome, and reading its rows back failed too or found only some of them. The
    /// store rejects all further calls; a new start can read the rows.
    case outcomeUnknown(message: String, path: String)

    /// The database server cannot be reached, or has refused a statement. Nothing of the group is stored, and the store
    /// remains usable.
    case unavailable(database: String, reason: String)

    /// The database server is another one than at the start, for example a standby that took over, or its tables were
    /// replaced. Only a new start can continue.
    case databaseReplaced(database: String, reason: String)

    /// The database has reached its allowed size in bytes, so new messages are refused.
    case sizeLimit(path: String, bytes: Int64)

    /// The client offset of the draft at this index of the group contains U+0000. Nothing of the group was run.
    case offsetContainsNUL(request: Int)

    /// The store has been closed.
    case closed
}

extension StoreError {
    /// A change of a file that was in use.
    public enum FileFault: Sendable, Equatable {
        /// The file was deleted.
        case deleted
        /// Another file has its name.
        case replaced
        /// The file is shorter than its committed contents.
        case truncated
    }

    /// True if the store that threw this must not be used any more. Only a new start can continue.
    public var endsStore: Bool {
        switch self {
        case .outcomeUnknown, .superseded, .fileGone, .fileFault, .databaseReplaced: true
        default: false
        }
    }

    /// True if the database or its disk has no space for the message.
    public var isFull: Bool {
        if case .sizeLimit = self { return true }
        return cause == .full
    }

    /// The causes of a failure that matter to an operator.
    public enum Cause: Sendable, Equatable {
        /// Another program kept the database locked for longer than the busy timeout.
        case busy
        /// The disk, the allowed size, or the range of ids is exhausted.
        case full
        /// The database is damaged.
        case corrupt
        /// Reading or writing failed.
        case io
        /// Anything else; see the message.
        case other
    }

    /// The cause of ``failed(code:message:path:)``; nil for the other cases.
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
        case .newerSchema(let path, let version, let known):
            "\(path) was written by a newer chatd: its tables have version \(version), and this one knows only "
                + "\(known); it was not changed"
        case .superseded(let path):
            "a later start has taken over the database \(path)"
        case .fileGone(let path):
            "the database \(path) was deleted, moved or replaced while it was in use"
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
        case .unavailable(let database, let reason), .databaseReplaced(let database, let reason):
            "\(database): \(reason)"
        case .sizeLimit(let path, let bytes):
            "\(path) has reached its allowed size of \(bytes) bytes, so new messages are refused"
        case .offsetContainsNUL(let request):
            "the client offset of request \(request) contains U+0000"
        case .closed:
            "the message store is closed"
        }
    }
}

/// The C library's description of an error number.
func systemMessage(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
