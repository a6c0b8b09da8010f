import Glibc

/// Puts a backup in the place of a database, while no server uses it. The replaced database is kept.
package enum DatabaseRestore {
    /// What was restored.
    package struct Report: Equatable, Sendable {
        /// The absolute paths.
        package let backup: String
        package let path: String
        /// Where the replaced database is now; nil if there was none.
        package let previous: String?
        /// True if the replaced database could not be read, so that it is unknown which ids it has assigned.
        package let isPreviousUnreadable: Bool
        package let rowCount: Int64
        /// The highest row id; 0 without rows.
        package let highestID: Int64
        /// New messages get ids above this one.
        package let assignedID: Int64
    }

    /// Restores a database. Blocks the calling thread. If it fails, the old database is still in its place. If the
    /// process ends while it exchanges the files, no server opens the old database until the command is repeated.
    /// - Parameters:
    ///   - backup: a database of chatd or of the tutorial. It is not changed.
    ///   - path: the database to replace or to create.
    ///   - time: the time in seconds since 1970, for the name of the replaced database.
    ///   - report: called after each step with the bytes that are copied, and their number.
    package static func run(
        from backup: String, to path: String, at time: Int, report: (Int64, Int64) -> Void
    ) throws(MaintenanceError) -> Report {
        let snapshot = try MaintenanceError.wrap { () throws(StoreError) in try DatabaseSnapshot(path: backup) }
        let place = try MaintenanceError.wrap { () throws(StoreError) in try DatabaseFile(path: path) }
        let path = Directory.resolved(place.path)
        try ReservedNames.check(path, isNoneOf: backup, advice: "give its backup")
        let permissions = FilePermissions(path: path) ?? FilePermissions(ownerOf: Directory.of(path))
        let lock = try MaintenanceError.wrap { () throws(StoreError) in
            LockHolder(try WriterLock(path: path + ".lock", like: permissions))
        }
        defer { withExtendedLifetime(lock) {} }
        try DatabaseBackup.checkSpace(for: snapshot, in: Directory.of(path))
        let file = try PartialFile(for: path, replaces: true)
        let contents = try DatabaseBackup.copy(snapshot, to: file.path, completely: true, report)
        // Only now, so that a damaged backup changes nothing.
        let replaced = try ReplacedDatabase(path: path)
        defer { withExtendedLifetime(replaced) {} }
        let assigned = try MaintenanceError.wrap { () throws(StoreError) in
            try IDContinuation(of: file.path, after: replaced).apply()
        }
        permissions?.apply(to: file.descriptor)
        try file.sync()
        let previous = try replaced.moveAside(at: time)
        try file.replace()
        Directory.sync(Directory.of(path))
        return Report(
            backup: snapshot.connection.path, path: path, previous: previous,
            isPreviousUnreadable: replaced.isUnreadable, rowCount: contents.rowCount, highestID: contents.highestID,
            assignedID: assigned)
    }
}
