import CSQLite
import Glibc

/// One connection to a database, used by one thread at a time.
final class SQLiteConnection {
    enum Mode {
        case readWrite
        case readOnly
    }

    /// The file's full name, symbolic links resolved, as SQLite uses it; `:memory:` for a database without a file.
    let path: String

    /// For the C functions that have no method here. Valid as long as this object.
    let handle: OpaquePointer

    /// Opens or creates a database. Nothing is read or written yet.
    ///
    /// - Throws: ``StoreError/cannotOpen(path:reason:)``.
    init(path: String, mode: Mode, busyTimeout: Duration) throws(StoreError) {
        let isMemory = path == SQLiteStore.memoryPath
        // A name of the form "file:…" must stay a name and not become a URI; an empty one would be a temporary
        // database.
        let name = isMemory || path.hasPrefix("/") ? path : "./" + path
        // SQLite takes a file of one byte for an empty database and would write over it (os_unix.c, unixFileSize).
        var status = stat()
        if !isMemory && stat(name, &status) == 0 && status.st_size == 1 { throw StoreError.notADatabase(path: path) }
        // The write-ahead log is found by the file's name, so under two names it would be two.
        if !isMemory && status.st_nlink > 1 {
            throw StoreError.cannotOpen(path: path, reason: "the file has more than one name (a hard link)")
        }
        // NOMUTEX: the actor above is the mutex.
        let flags =
            SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
            | (mode == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(name, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            // SQLite hands out a connection also when it fails, to carry the message.
            let message = opened.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw StoreError.cannotOpen(path: path, reason: message)
        }
        handle = opened
        self.path = isMemory ? path : sqlite3_db_filename(opened, "main").map { String(cString: $0) } ?? path
        sqlite3_busy_timeout(opened, busyTimeout.wholeMilliseconds)
        if mode == .readWrite && sqlite3_db_readonly(opened, "main") == 1 {
            throw StoreError.cannotOpen(path: path, reason: "it cannot be written")
        }
    }

    deinit {
        // Not sqlite3_close: statements that are still alive keep the connection until they end.
        sqlite3_close_v2(handle)
    }

    /// False also after SQLite has ended a transaction by itself, as it does on some errors (lang_transaction.html).
    var isInTransaction: Bool {
        sqlite3_get_autocommit(handle) == 0
    }

    /// The id that the last INSERT of this connection gave.
    var lastInsertedID: Int64 {
        sqlite3_last_insert_rowid(handle)
    }

    /// How many rows the last INSERT, UPDATE or DELETE changed.
    var changes: Int32 {
        sqlite3_changes(handle)
    }

    /// Whether the file's name stands for another file by now, or for none.
    var isFileGone: Bool {
        var hasMoved: Int32 = 0
        return sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved) == SQLITE_OK && hasMoved != 0
    }

    func prepare(_ sql: String) throws(StoreError) -> SQLiteStatement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(code) }
        return SQLiteStatement(owning: statement, path: path)
    }

    /// Runs statements that return nothing of interest.
    func execute(_ sql: String) throws(StoreError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// The first column of the first row; nil when there is none.
    func firstText(_ sql: String) throws(StoreError) -> String? {
        let statement = try prepare(sql)
        guard try statement.step() else { return nil }
        return String(decoding: statement.text(at: 0), as: UTF8.self)
    }

    /// The first column of the first row; 0 when there is none or it is NULL.
    func firstInteger(_ sql: String) throws(StoreError) -> Int64 {
        try prepare(sql).onlyInteger()
    }

    /// Ends a transaction, and returns SQLite's code: what an error means depends on ``isInTransaction`` afterwards.
    func commit() -> Int32 {
        sqlite3_exec(handle, "COMMIT", nil, nil, nil)
    }

    /// Ends a transaction that must not be kept, if there is one.
    func rollback() {
        guard isInTransaction else { return }
        // An error here leaves either no transaction, which is what was wanted, or one that the next use tries to end
        // again.
        sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
    }

    /// What went wrong last on this connection.
    ///
    /// - Parameter code: SQLite's extended result code.
    func failure(_ code: Int32) -> StoreError {
        let message = sqlite3_errmsg(handle).map { String(cString: $0) } ?? "unknown error"
        return .failed(code: code, message: message, path: path)
    }
}

extension Duration {
    /// Milliseconds for a C function, between nothing and what it can count.
    fileprivate var wholeMilliseconds: Int32 {
        let (seconds, attoseconds) = min(max(self, .zero), .seconds(1_000_000)).components
        return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
