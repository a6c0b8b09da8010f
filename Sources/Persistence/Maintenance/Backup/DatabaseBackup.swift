/// Copies an SQLite database to a file, also while a server writes to it.
package enum DatabaseBackup {
    /// What a copy contains.
    package struct Report: Equatable, Sendable {
        /// The absolute paths.
        package let source: String
        package let target: String
        package let rowCount: Int64
        /// The highest row id; 0 without rows.
        package let highestID: Int64
        /// The size of the file in bytes.
        package let size: Int64
    }

    /// Copies a database. The copy is one state of it, is checked, and is on the disk when this returns. Blocks the
    /// calling thread.
    /// - Parameters:
    ///   - path: the SQLite file. It is not changed.
    ///   - target: the file to create, which only its owner can read.
    ///   - replaces: true if the target may exist.
    ///   - report: called after each step with the bytes that are copied, and their number.
    package static func run(
        from path: String, to target: String, replaces: Bool, report: (Int64, Int64) -> Void
    ) throws(MaintenanceError) -> Report {
        let snapshot = try MaintenanceError.wrap { () throws(StoreError) in try DatabaseSnapshot(path: path) }
        let target = Directory.resolved(target)
        try ReservedNames.check(target, isNoneOf: path)
        try checkSpace(for: snapshot, in: Directory.of(target))
        let file = try PartialFile(for: target, replaces: replaces)
        let contents = try copy(snapshot, to: file.path, report)
        try file.complete()
        return Report(
            source: snapshot.connection.path, target: target, rowCount: contents.rowCount,
            highestID: contents.highestID, size: contents.size)
    }

    /// Copies and checks a snapshot. The copy is a single file without a write-ahead log.
    /// - Parameter completely: true for a check of the indexes too.
    static func copy(
        _ snapshot: DatabaseSnapshot, to path: String, completely: Bool = false, _ report: (Int64, Int64) -> Void
    ) throws(MaintenanceError) -> DatabaseContents {
        let target = try MaintenanceError.wrap { () throws(StoreError) in
            let target = try SQLiteConnection(path: path, mode: .readWrite, busyTimeout: .zero)
            // The caller syncs the file once.
            try target.execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF")
            return target
        }
        let pageSize = try MaintenanceError.wrap { () throws(StoreError) in
            try snapshot.connection.firstInteger("PRAGMA page_size")
        }
        try copyPages(from: snapshot, to: target) { done, total in report(done * pageSize, total * pageSize) }
        // The source's mode was copied too.
        try MaintenanceError.wrap { () throws(StoreError) in try target.execute("PRAGMA journal_mode = DELETE") }
        return try DatabaseContents(checking: target, completely: completely)
    }

    private static func copyPages(
        from snapshot: DatabaseSnapshot, to target: SQLiteConnection, _ report: (Int64, Int64) -> Void
    ) throws(MaintenanceError) {
        let copy = try MaintenanceError.wrap { () throws(StoreError) in
            try PageCopy(from: snapshot.connection, to: target)
        }
        while try MaintenanceError.wrap({ () throws(StoreError) in try copy.step() }) {
            let (done, total) = copy.pages
            report(done, total)
            try snapshot.checkLog()
        }
    }

    /// Throws if the directory has no room for the copy.
    static func checkSpace(for snapshot: DatabaseSnapshot, in directory: String) throws(MaintenanceError) {
        let size = try MaintenanceError.wrap { () throws(StoreError) in try snapshot.size }
        guard let free = Directory.freeBytes(directory), free < size else { return }
        throw .file(
            path: directory,
            reason: "the copy needs \(ByteCount.text(size)), and \(ByteCount.text(free)) are free")
    }
}
