/// Where the messages of a restored database and those of the database that it replaces part.
///
/// If a restore is undone, the restored database has messages that the replaced one never had, with lower ids than the
/// messages that were stored there since. A client of the replaced database has seen the latter, and its offset would
/// wrongly say that it has the former too.
enum TimelineFork {
    /// The id up to which both databases have the same messages, if the restored one has others above it; nil if it has
    /// none, because it is a backup of the replaced one.
    ///
    /// The restored messages are read from the last one down to the first that both have. So a single message that an
    /// operator has deleted from the replaced database is no fork.
    static func id(
        of restored: SQLiteConnection, from replaced: SQLiteConnection
    ) throws(StoreError) -> Int64? {
        // What the replaced database has deleted, its clients may have seen or not. It is too old to matter.
        let deletedThrough = try TombstoneReader(replaced).through() ?? 0
        let rows = try restored.prepare("SELECT id, client_offset, content FROM messages WHERE id > 0 ORDER BY id DESC")
        let same = try replaced.prepare(
            "SELECT EXISTS (SELECT 1 FROM messages WHERE id = ?1 AND client_offset IS ?2 AND content IS ?3)")
        var hasOthers = false
        while try rows.step() {
            let id = rows.integer(at: 0)
            guard id > deletedThrough else { return hasOthers ? deletedThrough : nil }
            try same.bind(id, at: 1)
            try same.bind(rows.value(at: 1), at: 2)
            try same.bind(rows.value(at: 2), at: 3)
            _ = try same.step()
            let isInBoth = same.integer(at: 0) == 1
            same.reset()
            if isInBoth { return hasOthers ? id : nil }
            hasOthers = true
        }
        return hasOthers ? deletedThrough : nil
    }
}
