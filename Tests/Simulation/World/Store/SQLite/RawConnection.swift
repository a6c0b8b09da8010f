import CStoreFaults
import Persistence

/// A direct SQLite connection for the checks and for other programs. It uses none of the server's code.
final class RawConnection {
    private let handle: OpaquePointer
    /// The server's connection that this object uses; nil if it has its own.
    private let borrowed: StoreHandle?

    /// Returns nil if the database cannot be opened.
    init?(path: String) {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            return nil
        }
        handle = opened
        borrowed = nil
        storefaults_keep_log(opened)
    }

    /// Uses a connection of the server as long as it is open.
    init(borrowing handle: StoreHandle) {
        self.handle = handle.pointer
        borrowed = handle
    }

    /// False once a borrowed connection is closed.
    var isOpen: Bool { borrowed?.isOpen ?? true }

    deinit {
        if borrowed == nil { sqlite3_close_v2(handle) }
    }

    /// - Returns: true on success.
    @discardableResult
    func execute(_ sql: String) -> Bool {
        sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK
    }

    /// The first column of the first row; 0 without rows.
    func integer(_ sql: String) -> Int64 {
        var value: Int64 = 0
        query(sql) { value = sqlite3_column_int64($0, 0) }
        return value
    }

    /// The messages with a higher id, in id order.
    func rows(after id: Int64) -> [Disk.Row] {
        var rows: [Disk.Row] = []
        query(
            """
            SELECT id, client_offset, content, created_at, author, author_name FROM messages WHERE id > \(id)
            ORDER BY id
            """
        ) { statement in
            rows.append(
                Disk.Row(
                    id: sqlite3_column_int64(statement, 0), key: Self.bytes(statement, 1),
                    content: Self.bytes(statement, 2) ?? [], createdAt: sqlite3_column_int64(statement, 3),
                    attribution: MessageAuthor(id: Self.bytes(statement, 4), storedName: Self.bytes(statement, 5))))
        }
        return rows
    }

    private func query(_ sql: String, _ body: (OpaquePointer) -> Void) {
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK, let prepared else { return }
        defer { sqlite3_finalize(prepared) }
        while sqlite3_step(prepared) == SQLITE_ROW { body(prepared) }
    }

    private static func bytes(_ statement: OpaquePointer, _ column: Int32) -> [UInt8]? {
        guard sqlite3_column_type(statement, column) != SQLITE_NULL else { return nil }
        let start = sqlite3_column_blob(statement, column)
        return Array(
            UnsafeRawBufferPointer(
                start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(statement, column))))
    }
}
