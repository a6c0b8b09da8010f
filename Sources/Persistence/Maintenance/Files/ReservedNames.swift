/// The names that belong to an SQLite database: its file, and those that SQLite and chatd use beside it. No command
/// writes another file to them.
package enum ReservedNames {
    /// What follows the name of the database.
    private static let suffixes = ["-wal", "-shm", "-journal", ".lock", ".bans", ".admin"]

    /// Checks that a file of an operator does not replace one of a database.
    /// - Parameters:
    ///   - target: the path to write to. While the file is written, it is called ``PartialFile/suffix`` too.
    ///   - database: the path of a database, which may not exist.
    ///   - advice: what to do instead.
    /// - Throws: ``MaintenanceError/file(path:reason:)``.
    package static func check(
        _ target: String, isNoneOf database: String, advice: String = "give another file"
    ) throws(MaintenanceError) {
        let path = Directory.resolved(target)
        // A link to a database has files of chatd beside it too.
        let names = Set([database, Directory.resolved(database)])
        for written in [path] + PartialFile.names(for: path).map(Directory.resolved) {
            for name in names {
                if written == Directory.resolved(name) {
                    throw .file(path: written, reason: "this is the database itself; \(advice)")
                }
                for suffix in suffixes where written == Directory.resolved(name + suffix) {
                    throw .file(path: written, reason: "this name belongs to the database \(name); \(advice)")
                }
            }
        }
    }
}
