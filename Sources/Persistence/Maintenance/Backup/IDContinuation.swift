/// Makes a restored database continue above the ids of the database that it replaces.
///
/// The messages after the backup are lost, but clients have received them. If their ids were assigned again, a client
/// with one of them would miss new messages. So the restored database continues above the highest id of the replaced
/// one, and knows its epochs: a row id of any of them still tells which messages a client has. If the restored database
/// has messages that the replaced one never had, this is so only up to the id at which the two part.
struct IDContinuation {
    /// How far ids continue above those of the backup if it is unknown which ones were assigned since. 2³² messages are
    /// a thousand a second for fifty days, and one of two million parts of the ids that clients can use.
    static let margin: Int64 = 1 << 32

    private let connection: SQLiteConnection
    private let database: ReplacedDatabase
    /// The ids of the replaced database; nil if they are unknown.
    private var replaced: AssignedIDs? { database.assigned }

    /// - Parameters:
    ///   - path: the copy of the backup.
    ///   - replaced: the replaced database.
    init(of path: String, after replaced: ReplacedDatabase) throws(StoreError) {
        connection = try SQLiteConnection(path: path, mode: .readWrite, busyTimeout: .zero)
        database = replaced
    }

    /// Changes the database in one transaction.
    /// - Returns: the id above which new messages get theirs.
    func apply() throws(StoreError) -> Int64 {
        // The caller syncs the file.
        try connection.execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE")
        do throws(StoreError) {
            try Schema.migrate(connection)
            let present = try AssignedIDs(of: connection)
            let highest = Self.highest(present, replaced)
            try Self.raiseCounter(of: connection, to: highest)
            if let replaced, replaced.starts.starts(with: present.starts, by: { $0.epoch == $1.epoch }) {
                let fork = database.fork(from: connection)
                for var start in replaced.starts.dropFirst(present.starts.count) {
                    start.rowLimit = [start.rowLimit, fork].compactMap { $0 }.min()
                    try Self.record(start, in: connection)
                }
            }
            try connection.execute("COMMIT; PRAGMA journal_mode = DELETE")
            return highest
        } catch {
            connection.rollback()
            throw error
        }
    }

    /// The id above which a restored database continues.
    static func highest(_ present: AssignedIDs, _ replaced: AssignedIDs?) -> Int64 {
        let known = max(present.highest, replaced?.highest ?? present.highest + margin)
        // Close to the end of the ids, those that are left are worth more than the distance.
        return known <= StoredMessage.maxID - margin ? known : max(present.highest, replaced?.highest ?? 0)
    }

    /// Makes new messages get ids above this one, inside the caller's transaction.
    static func raiseCounter(of connection: SQLiteConnection, to id: Int64) throws(StoreError) {
        try connection.execute(
            """
            UPDATE sqlite_sequence SET seq = \(id) WHERE name = 'messages' AND seq < \(id);
            INSERT INTO sqlite_sequence (name, seq)
                SELECT 'messages', \(id) WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'messages');
            """)
    }

    /// Records a start of a server, inside the caller's transaction. One that is recorded already is left as it is.
    static func record(_ start: SourceStart, in connection: SQLiteConnection) throws(StoreError) {
        let insert = try connection.prepare(
            "INSERT OR IGNORE INTO chatd_epochs (epoch, started_at, highest_id) VALUES (?1, ?2, ?3)")
        try insert.bind(start.startedAt, at: 2)
        if let highestID = start.highestID { try insert.bind(highestID, at: 3) }
        _ = try insert.withText(start.epoch, at: 1) { () throws(StoreError) in try insert.step() }
        guard connection.changes > 0, let limit = start.rowLimit else { return }
        try EpochLimitTable.limit(start.epoch, to: limit, in: connection)
    }
}

extension Array {
    /// True if the array begins with these elements.
    fileprivate func starts(with other: [Element], by isEqual: (Element, Element) -> Bool) -> Bool {
        count >= other.count && zip(self, other).allSatisfy(isEqual)
    }
}
