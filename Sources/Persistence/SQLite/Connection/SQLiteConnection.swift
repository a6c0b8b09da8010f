import CSQLite
import Glibc
import Transport

/// One connection to a database, used by one thread at a time.
final class SQLiteConnection {
    enum Mode {
        case readWrite
        case readOnly
        /// For reading a file without a write-ahead log that no program writes. No file is created beside it.
        case unchanging
    }

    /// The file's absolute path with symbolic links resolved, as SQLite uses it; `:memory:` for a database in memory.
    let path: String

    /// SQLite's handle, for C functions that have no method here. Valid as long as this object exists.
    let handle: OpaquePointer

    /// Opens or creates a database. Does not read or write it yet.
    ///
    /// - Throws: ``StoreError/cannotOpen(path:reason:)``.
    init(path: String, mode: Mode, busyTimeout: Duration) throws(StoreError) {
        let isMemory = path == SQLiteStore.memoryPath
        // The prefix keeps SQLite from reading a name such as "file:…" as a URI, and an empty name as a temporary
        // database.
        let name = isMemory || path.hasPrefix("/") ? path : "./" + path
        // SQLite treats a file of one byte as an empty database and would overwrite it (os_unix.c, unixFileSize).
        var status = stat()
        if !isMemory && stat(name, &status) == 0 && status.st_size == 1 { throw StoreError.notADatabase(path: path) }
        // The path of the write-ahead log comes from the file's name, so two names would have two logs.
        if !isMemory && status.st_nlink > 1 {
            throw StoreError.cannotOpen(path: path, reason: "the file has more than one name (a hard link)")
        }
        // NOMUTEX: the actor that owns the connection serializes its use.
        let flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | mode.flags
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(mode == .unchanging ? Self.unchangingURI(name) : name, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            // SQLite returns a connection even on failure, to hold the message.
            let message = opened.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw StoreError.cannotOpen(path: path, reason: message)
        }
        handle = opened
        self.path = isMemory ? path : sqlite3_db_filename(opened, "main").map { String(cString: $0) } ?? path
        sqlite3_busy_timeout(opened, busyTimeout.wholeMilliseconds)
        if mode == .readWrite && sqlite3_db_readonly(opened, "main") == 1 {
            throw StoreError.cannotOpen(path: path, reason: "it is not writable")
        }
    }

    /// The URI by which SQLite neither locks a file nor looks for its log (sqlite.org/uri.html).
    private static func unchangingURI(_ path: String) -> String {
        let names = path.split(separator: "/", omittingEmptySubsequences: false)
        return "file:" + names.map { PercentEncoding.encode(String($0)) }.joined(separator: "/") + "?immutable=1"
    }

    deinit {
        // sqlite3_close_v2 keeps the connection until its last statement is finalized; sqlite3_close would fail.
        sqlite3_close_v2(handle)
    }

    /// True while a transaction is open; false also if SQLite ended the transaction by itself, as it does on some
    /// errors (sqlite.org/lang_transaction.html, section 3).
    var isInTransaction: Bool {
        sqlite3_get_autocommit(handle) == 0
    }

    /// The row id of this connection's last INSERT (sqlite.org/c3ref/last_insert_rowid.html).
    var lastInsertedID: Int64 {
        sqlite3_last_insert_rowid(handle)
    }

    /// The number of rows that the last INSERT, UPDATE or DELETE changed.
    var changes: Int32 {
        sqlite3_changes(handle)
    }

    /// True if the file's name now refers to another file or to none.
    var isFileGone: Bool {
        var hasMoved: Int32 = 0
        return sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved) == SQLITE_OK && hasMoved != 0
    }

    /// Leaves the write-ahead log as it is when this connection is closed, so that nothing is written to the database.
    func keepLog() {
        csqlite_keep_log(handle)
    }

    /// Prepares a statement for repeated use.
    func prepare(_ sql: String) throws(StoreError) -> SQLiteStatement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(code) }
        return SQLiteStatement(owning: statement, path: path)
    }

    /// Runs statements and ignores the rows that they return.
    func execute(_ sql: String) throws(StoreError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// The first column of the first row; nil if there is no row.
    func firstText(_ sql: String) throws(StoreError) -> String? {
        let statement = try prepare(sql)
        guard try statement.step() else { return nil }
        return String(decoding: statement.text(at: 0), as: UTF8.self)
    }

    /// The first column of the first row; 0 if there is no row or the column is NULL.
    func firstInteger(_ sql: String) throws(StoreError) -> Int64 {
        try prepare(sql).onlyInteger()
    }

    /// Runs COMMIT and returns SQLite's result code. The meaning of an error depends on ``isInTransaction`` afterwards.
    func commit() -> Int32 {
        sqlite3_exec(handle, "COMMIT", nil, nil, nil)
    }

    /// Rolls back the transaction, if there is one.
    func rollback() {
        guard isInTransaction else { return }
        // After an error either no transaction is left, which is the goal, or the next call tries again.
        sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
    }

    /// The connection's last error as a ``StoreError``.
    ///
    /// - Parameter code: SQLite's extended result code.
    func failure(_ code: Int32) -> StoreError {
        let message = sqlite3_errmsg(handle).map { String(cString: $0) } ?? "unknown error"
        return .failed(code: code, message: message, path: path)
    }
}

extension Duration {
    /// The duration in whole milliseconds, limited to the range from 0 to 1 000 000 seconds.
    fileprivate var wholeMilliseconds: Int32 {
        let (seconds, attoseconds) = min(max(self, .zero), .seconds(1_000_000)).components
        return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}

extension SQLiteConnection.Mode {
    fileprivate var flags: Int32 {
        switch self {
        case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        case .readOnly: SQLITE_OPEN_READONLY
        case .unchanging: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
        }
    }
}
