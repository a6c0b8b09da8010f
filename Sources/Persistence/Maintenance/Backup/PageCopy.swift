import CSQLite

/// Copies all pages of a database to another one, in steps (sqlite.org/backup.html). The source's connection keeps a
/// read transaction open meanwhile, so the copy is one state of the database, whatever other programs write.
final class PageCopy {
    /// The pages of one step.
    private static let stepPages: Int32 = 256

    private let backup: OpaquePointer
    private let source: SQLiteConnection
    private let target: SQLiteConnection

    /// - Parameters:
    ///   - source: a connection in a read transaction.
    ///   - target: a connection to an empty file.
    init(from source: SQLiteConnection, to target: SQLiteConnection) throws(StoreError) {
        guard let backup = sqlite3_backup_init(target.handle, "main", source.handle, "main") else {
            throw target.failure(sqlite3_extended_errcode(target.handle))
        }
        (self.backup, self.source, self.target) = (backup, source, target)
    }

    deinit {
        sqlite3_backup_finish(backup)
    }

    /// The number of pages, and of those that are copied. Both are zero before the first step.
    var pages: (done: Int64, total: Int64) {
        let total = sqlite3_backup_pagecount(backup)
        return (Int64(total - sqlite3_backup_remaining(backup)), Int64(total))
    }

    /// - Returns: false when all pages are copied.
    func step() throws(StoreError) -> Bool {
        let code = sqlite3_backup_step(backup, Self.stepPages)
        switch code {
        case SQLITE_OK: return true
        case SQLITE_DONE: return false
        default:
            let message = sqlite3_errstr(code).map { String(cString: $0) } ?? "unknown error"
            throw .failed(code: code, message: message, path: isOfSource(code) ? source.path : target.path)
        }
    }

    /// True if an error concerns reading. Only the target is written.
    private func isOfSource(_ code: Int32) -> Bool {
        // SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ (sqlite.org/rescode.html).
        let reading = [SQLITE_IOERR | 1 << 8, SQLITE_IOERR | 2 << 8]
        return reading.contains(code) || [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xFF)
    }
}
