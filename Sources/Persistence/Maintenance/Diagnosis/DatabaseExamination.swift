import Glibc

/// Examines an SQLite database, also while a server uses it. Changes nothing.
package struct DatabaseExamination {
    private static let busyTimeout = Duration.seconds(5)
    /// A server truncates its log to 64 MiB. A larger one grows now, because something keeps a transaction open.
    private static let largeLog: Int64 = 128 << 20
    /// Free pages are worth a VACUUM from this share and size on.
    private static let freeShare = 0.25
    private static let freeSize: Int64 = 64 << 20

    private let path: String
    private let completely: Bool

    /// - Parameters:
    ///   - path: the SQLite file.
    ///   - completely: true to compare the indexes with the tables too, which takes several times as long.
    package init(path: String, completely: Bool) {
        self.path = Directory.resolved(path)
        self.completely = completely
    }

    /// Returns all findings. Blocks the calling thread.
    package func run() -> [Finding] {
        let files = DatabaseFiles(path: path)
        return files.findings + FileSystem(directory: Directory.of(path)).findings + contents(files)
    }

    private func contents(_ files: DatabaseFiles) -> [Finding] {
        do throws(StoreError) {
            let file = try DatabaseFile(path: path)
            guard !file.isEmpty else { throw .cannotOpen(path: path, reason: "there is no database") }
            let (server, isServed) = server
            let log = log(files.logSize, isServed: isServed)
            let connection = try SQLiteConnection.reading(path, busyTimeout: Self.busyTimeout)
            return [server, log] + (try database(connection))
        } catch {
            return [Finding(.problem, "\(error)")]
        }
    }

    private var server: (finding: Finding, isServed: Bool) {
        do throws(StoreError) {
            _ = try SourceLock(path: path + ".lock")
            return (Finding(.ok, "no server uses it"), false)
        } catch .lockedByAnotherWriter(_, let process) {
            return (Finding(.ok, "a server\(process.map { " (process \($0))" } ?? "") uses it"), true)
        } catch {
            return (Finding(.warning, "whether a server uses it is unknown: \(error)"), false)
        }
    }

    private func log(_ size: Int64, isServed: Bool) -> Finding {
        let text = "the write-ahead log has \(ByteCount.text(size))"
        if size > Self.largeLog {
            return Finding(
                .warning,
                "\(text), because a program has kept a transaction open, such as a long backup; the server "
                    + "empties it afterwards")
        }
        guard size > 0, !isServed else { return Finding(.ok, text) }
        return Finding(.warning, "\(text) and no server uses it: the last one was killed; the next start recovers it")
    }

    private func database(_ connection: SQLiteConnection) throws(StoreError) -> [Finding] {
        try connection.execute("BEGIN")
        if let damage = try DatabaseContents.firstDamage(of: connection, completely: completely) {
            return [Finding(.problem, "the file is damaged: \(damage); restore a backup")]
        }
        let check = completely ? "integrity check" : "quick check (--full compares the indexes too)"
        var findings = [Finding(.ok, "\(check): no damage")]
        let condition = try Schema.inspect(connection, allowsImport: true)
        if try ImportMark.isPresent(in: connection) {
            findings.append(Finding(.problem, "an import has not ended; repeat it, or remove the file"))
        }
        findings.append(try schema(connection))
        guard condition != .empty else {
            return findings + [Finding(.ok, "it has no table messages yet; a server creates it")]
        }
        return findings + (try counters(connection)) + (try pages(connection))
    }

    private func schema(_ connection: SQLiteConnection) throws(StoreError) -> Finding {
        guard let version = try SchemaVersion.recorded(in: connection) else {
            return Finding(
                .ok, "the tables have no version; the next start upgrades them to \(SchemaVersion.current)")
        }
        guard version < SchemaVersion.current else { return Finding(.ok, "the tables have version \(version)") }
        return Finding(
            .ok, "the tables have version \(version); the next start upgrades them to \(SchemaVersion.current)")
    }

    private func counters(_ connection: SQLiteConnection) throws(StoreError) -> [Finding] {
        let count = try connection.firstInteger("SELECT count(*) FROM messages")
        let assigned = try AssignedIDs(of: connection)
        var findings = [
            Finding(.ok, "messages: \(count); highest id assigned: \(assigned.highest)"),
            Finding(.ok, "recorded starts of servers: \(assigned.starts.count)"),
        ]
        if count > 0 {
            let (oldest, newest) = (
                try connection.firstInteger("SELECT min(id) FROM messages"),
                try connection.firstInteger("SELECT max(id) FROM messages")
            )
            findings.insert(
                Finding(
                    .ok,
                    "oldest message: id \(oldest)\(try time(of: oldest, connection)); newest: "
                        + "id \(newest)\(try time(of: newest, connection))"), at: 1)
        }
        if try Schema.columns(of: "chatd_deleted", connection).isEmpty == false {
            let left = try connection.firstInteger("SELECT count(*) FROM chatd_deleted")
            let through = try connection.firstInteger("SELECT max(through) FROM chatd_pruned")
            findings.append(
                Finding(.ok, "deleted up to id: \(through); deleted messages whose repeats are recognized: \(left)"))
        }
        let hidden = try connection.firstInteger(
            "SELECT count(*) FROM messages WHERE id < 1 OR id > \(StoredMessage.maxID)")
        if hidden > 0 {
            findings.append(
                Finding(.warning, "messages with an id that clients cannot get, from another program: \(hidden)"))
        }
        if try SQLiteWriter.isCounterTooHigh(connection) {
            findings.append(
                Finding(.warning, "another program has used up SQLite's ids; chatd assigns its own below them"))
        }
        return findings
    }

    private func time(of id: Int64, _ connection: SQLiteConnection) throws(StoreError) -> String {
        guard try Schema.columns(of: "messages", connection).contains("created_at") else { return "" }
        let time = StoredMessage.time(
            try connection.firstInteger("SELECT created_at FROM messages WHERE id = \(id)"))
        return time == 0 ? "" : " of \(UTCTime.text(time / 1000))"
    }

    private func pages(_ connection: SQLiteConnection) throws(StoreError) -> [Finding] {
        let size = try connection.firstInteger("PRAGMA page_size")
        let (all, free) = (
            try connection.firstInteger("PRAGMA page_count"), try connection.firstInteger("PRAGMA freelist_count")
        )
        let text = "pages: \(all) of \(size) bytes, of which \(free) are free"
        guard Double(free) > Double(all) * Self.freeShare, free * size > Self.freeSize else {
            return [Finding(.ok, text)]
        }
        return [
            Finding(
                .warning,
                "\(text); new messages use them, or stop the server and run sqlite3 \(path) VACUUM to give "
                    + "\(ByteCount.text(free * size)) back")
        ]
    }
}
