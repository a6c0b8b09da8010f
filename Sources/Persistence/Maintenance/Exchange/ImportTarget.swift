import CSQLite

/// An SQLite database that receives the messages of an export, with their ids.
///
/// Each batch is one transaction. A row that is there already is compared, so an import that was interrupted continues
/// when it is repeated, and a repeated complete one changes nothing. Until the end, a mark keeps servers out. It stays
/// if the database has rows of another export.
package final class ImportTarget {
    /// A row or a tombstone, and the line that it comes from.
    package struct Entry {
        enum Content {
            case row(SourceRow)
            case tombstone(SourceTombstone)
        }

        let content: Content
        let line: Int

        package init(_ row: SourceRow, line: Int) {
            (content, self.line) = (.row(row), line)
        }

        package init(_ tombstone: SourceTombstone, line: Int) {
            (content, self.line) = (.tombstone(tombstone), line)
        }
    }

    /// What was done.
    package struct Report: Equatable, Sendable {
        /// The absolute path.
        package let path: String
        /// The number of rows of the export, and of those that were there already.
        package fileprivate(set) var rowCount: Int64 = 0
        package fileprivate(set) var earlierRowCount: Int64 = 0
        /// The highest row id of the export; 0 without rows.
        package fileprivate(set) var highestID: Int64 = 0
    }

    private static let busyTimeout = Duration.seconds(5)

    private let lock: LockHolder
    private let connection: SQLiteConnection
    private let insert: SQLiteStatement
    private let rowByID: SQLiteStatement
    private let insertTombstone: SQLiteStatement
    /// True if the database had messages or starts before, so that nothing may be added.
    private let isComplete: Bool
    private var report: Report

    /// Opens or creates the database. It is empty, or has the messages of an earlier import.
    /// - Throws: ``MaintenanceError`` if a server writes to it.
    package init(path: String) throws(MaintenanceError) {
        do throws(StoreError) {
            let file = try DatabaseFile(path: path)
            try file.create()
            connection = try SQLiteConnection(path: file.path, mode: .readWrite, busyTimeout: Self.busyTimeout)
            if !file.isEmpty { _ = try Schema.inspect(connection, allowsImport: true) }
            let permissions = FilePermissions(path: connection.path)
            lock = LockHolder(try WriterLock(path: connection.path + ".lock", like: permissions))
            isComplete = try Self.begin(connection)
            insert = try connection.prepare(
                "INSERT INTO messages (\(Schema.columnList(additions: .max))) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            rowByID = try connection.prepare(
                "SELECT \(Schema.columnList(additions: .max)) FROM messages WHERE id = ?1")
            insertTombstone = try connection.prepare(
                """
                INSERT OR REPLACE INTO chatd_deleted (client_offset, content_hash, id, deleted_at)
                SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM messages WHERE id = ?3)
                """)
            for suffix in ["-wal", "-shm"] { permissions?.apply(to: connection.path + suffix) }
            report = Report(path: connection.path)
        } catch {
            throw .store(error)
        }
    }

    /// Creates the tables, and marks an empty database.
    /// - Returns: true if the database was in use before, and no import of it is unfinished.
    private static func begin(_ connection: SQLiteConnection) throws(StoreError) -> Bool {
        try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE")
        do throws(StoreError) {
            try Schema.migrate(connection, allowsImport: true)
            let isMarked = try ImportMark.isPresent(in: connection)
            let used = try connection.firstInteger(
                """
                SELECT EXISTS (SELECT 1 FROM messages) OR EXISTS (SELECT 1 FROM chatd_epochs)
                    OR EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'messages' AND seq > 0)
                """)
            let isComplete = !isMarked && used == 1
            if !isComplete {
                try ImportMark.add(to: connection)
                // An interrupted import of another export may have left some. Those of this export come again.
                try connection.execute("DELETE FROM chatd_deleted")
            }
            try connection.execute("COMMIT")
            return isComplete
        } catch {
            connection.rollback()
            throw error
        }
    }

    /// Stores rows in one transaction, all or none.
    /// - Throws: ``MaintenanceError/line(number:reason:)`` for a row that contradicts one that is there.
    package func store(_ batch: [Entry]) throws(MaintenanceError) {
        var next = report
        do {
            try MaintenanceError.wrap { () throws(StoreError) in try connection.execute("BEGIN IMMEDIATE") }
            for entry in batch {
                switch entry.content {
                case .row(let row): try store(row, line: entry.line, &next)
                case .tombstone(let tombstone): try store(tombstone)
                }
            }
            try MaintenanceError.wrap { () throws(StoreError) in try connection.execute("COMMIT") }
        } catch {
            connection.rollback()
            throw error
        }
        report = next
    }

    /// Stores a tombstone. A message that was deleted during its export may be there itself.
    private func store(_ tombstone: SourceTombstone) throws(MaintenanceError) {
        // A server has added to it, or removed what is old.
        guard !isComplete else { return }
        try MaintenanceError.wrap { () throws(StoreError) in
            let insert = insertTombstone
            try insert.withText(tombstone.key, at: 1) { () throws(StoreError) in
                try insert.withText(tombstone.contentHash, at: 2) { () throws(StoreError) in
                    try insert.bind(tombstone.id, at: 3)
                    try insert.bind(tombstone.deletedAt, at: 4)
                    _ = try insert.step()
                }
            }
        }
    }

    private func store(_ row: SourceRow, line: Int, _ report: inout Report) throws(MaintenanceError) {
        report.rowCount += 1
        report.highestID = max(report.highestID, row.id)
        let present = try MaintenanceError.wrap { () throws(StoreError) in try self.row(row.id) }
        if let present {
            guard present == row else {
                throw .line(number: line, reason: "the database has another message with the id \(row.id)")
            }
            report.earlierRowCount += 1
            return
        }
        guard !isComplete else {
            throw .refused(
                "\(report.path) is in use: it lacks the message of line \(line), and messages can only be "
                    + "imported into an empty database")
        }
        do throws(StoreError) {
            try add(row)
        } catch {
            // Ids were compared, so only the client offset can be taken.
            guard case .failed(let code, _, _) = error, code & 0xFF == SQLITE_CONSTRAINT else { throw .store(error) }
            throw .line(number: line, reason: "another message has the same clientOffset")
        }
    }

    private func row(_ id: Int64) throws(StoreError) -> SourceRow? {
        defer { rowByID.reset() }
        try rowByID.bind(id, at: 1)
        return try rowByID.step() ? SourceRow(rowByID) : nil
    }

    private func add(_ row: SourceRow) throws(StoreError) {
        defer { insert.reset() }
        let values = [.integer(row.id), row.clientOffset, row.content, row.createdAt, row.author, row.authorName]
        for (index, value) in values.enumerated() { try insert.bind(value, at: Int32(index) + 1) }
        _ = try insert.step()
    }

    /// Ends a complete import: records what the exported database has assigned and deleted, and lets servers in.
    /// - Parameter deletedThrough: the id up to which all its messages are deleted; nil if none was ever deleted.
    /// - Throws: ``MaintenanceError/refused(_:)`` if the database also has rows of another export, whose import was
    ///   interrupted.
    package func finish(
        assignedID: Int64, _ starts: [SourceStart], deletedThrough: Int64? = nil
    ) throws(MaintenanceError) -> Report {
        guard !isComplete else { return report }
        let others = try MaintenanceError.wrap { () throws(StoreError) in
            try connection.firstInteger("SELECT count(*) FROM messages") - report.rowCount
        }
        guard others <= 0 else {
            throw .refused(
                "\(report.path) has \(others) messages that are not in this export, of another import that was "
                    + "interrupted; remove the file and import again")
        }
        do throws(StoreError) {
            try connection.execute("PRAGMA synchronous = FULL; BEGIN IMMEDIATE")
            try IDContinuation.raiseCounter(of: connection, to: assignedID)
            for start in starts { try IDContinuation.record(start, in: connection) }
            if let deletedThrough { try markDeleted(through: deletedThrough) }
            try ImportMark.remove(from: connection)
            try connection.execute("COMMIT")
        } catch {
            connection.rollback()
            throw .store(error)
        }
        return report
    }

    /// Records that messages were deleted, inside the caller's transaction. Those that were deleted during the export
    /// may be there.
    private func markDeleted(through id: Int64) throws(StoreError) {
        try connection.execute(
            """
            DELETE FROM chatd_pruned;
            INSERT INTO chatd_pruned (through)
                SELECT min(\(id), coalesce(min(id) - 1, \(id))) FROM messages WHERE id > 0;
            """)
    }
}
