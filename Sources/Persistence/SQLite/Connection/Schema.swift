import CSQLite

/// The tables, and the requirements on an existing file.
///
/// `messages` is the table of the Socket.IO tutorial for Node with the ``additions``. The additional columns have
/// defaults, so that the tutorial's program, which does not know them, can still write to the file.
enum Schema {
    /// The tables that a database has.
    enum Condition: Equatable {
        /// It has no table `messages`.
        case empty
        /// It has the tutorial's table with the given number of the first ``additions``.
        case hasAdditions(Int)
    }

    private static let messages = """
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            client_offset TEXT UNIQUE,
            content TEXT
        )
        """

    private static let tutorialColumns = ["id", "client_offset", "content"]

    /// The columns added to the tutorial's table, in the order of their introduction. An older database may lack the
    /// last ones.
    private static let additions = [
        (name: "created_at", definition: "INTEGER NOT NULL DEFAULT 0"),
        (name: "author", definition: "TEXT"),
        (name: "author_name", definition: "TEXT"),
    ]

    /// The number of columns that a table of this version has in addition to the tutorial's.
    static var additionCount: Int { additions.count }

    /// `highest_id` is the highest row id assigned before the epoch began; NULL if an older version did not record it.
    private static let epochs = """
        CREATE TABLE IF NOT EXISTS chatd_epochs (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            epoch TEXT NOT NULL UNIQUE,
            started_at INTEGER NOT NULL,
            highest_id INTEGER
        )
        """

    /// Checks a database without changing it.
    ///
    /// - Parameter allowsImport: true for the import itself; false to refuse a database whose import has not ended.
    /// - Throws: ``StoreError/unsuitableSchema(path:reason:)`` if it has tables with our names but other columns;
    ///   ``StoreError/newerSchema(path:version:known:)``; ``StoreError/notADatabase(path:)``;
    ///   ``StoreError/failed(code:message:path:)`` if it cannot be read.
    static func inspect(_ connection: SQLiteConnection, allowsImport: Bool = false) throws(StoreError) -> Condition {
        func refusal(_ reason: String) -> StoreError {
            .unsuitableSchema(path: connection.path, reason: reason)
        }
        let objects: [String]
        do throws(StoreError) {
            objects = try texts("SELECT type FROM sqlite_schema WHERE lower(name) = 'messages'", of: connection)
        } catch .failed(code: SQLITE_NOTADB, _, _) {
            throw .notADatabase(path: connection.path)
        }
        // A database in UTF-16 does not preserve every character, so a repeat would not equal its stored content.
        guard try connection.firstText("PRAGMA encoding") == "UTF-8" else { throw refusal("its encoding is not UTF-8") }
        // First, because the tables of a later version may be different ones.
        try SchemaVersion.check(connection)
        if !allowsImport, try ImportMark.isPresent(in: connection) {
            throw .cannotOpen(path: connection.path, reason: "an import has not ended; repeat it, or remove the file")
        }
        let epochColumns = try columns(of: "chatd_epochs", connection)
        guard
            epochColumns.isEmpty || epochColumns == knownEpochColumns
                || epochColumns == Array(knownEpochColumns.prefix(3))
        else {
            throw refusal("its table chatd_epochs has other columns")
        }
        if objects.isEmpty { return .empty }
        guard objects == ["table"] else { throw refusal("messages is not a table") }
        let known = tutorialColumns + additions.map(\.name)
        let present = try columns(of: "messages", connection)
        guard present.count >= tutorialColumns.count, present == Array(known.prefix(present.count)) else {
            throw refusal("its table messages has the columns \(present.joined(separator: ", "))")
        }
        for (name, isSuitable) in requirements where present.contains(name) {
            guard let column = Column(name, of: connection), isSuitable(column) else {
                throw refusal("the column \(name) of its table messages has another type")
            }
        }
        guard (try? connection.prepare(SQLiteWriter.tutorialUpsert)) != nil else {
            throw refusal("the column client_offset of its table messages is not unique")
        }
        return .hasAdditions(present.count - tutorialColumns.count)
    }

    /// The columns of a ``SourceRow``, for a SELECT. NULL stands for those that an older database lacks.
    /// - Parameter count: the number of the ``additions`` that it has.
    static func columnList(additions count: Int) -> String {
        let added = additions.indices.map { $0 < count ? additions[$0].name : "NULL" }
        return (tutorialColumns + added).joined(separator: ", ")
    }

    /// Creates the missing tables and columns and records the version, inside the caller's transaction.
    static func migrate(_ connection: SQLiteConnection, allowsImport: Bool = false) throws(StoreError) {
        var count = 0
        switch try inspect(connection, allowsImport: allowsImport) {
        case .empty: try connection.execute(messages)
        case .hasAdditions(let present): count = present
        }
        for column in additions.dropFirst(count) {
            try connection.execute("ALTER TABLE messages ADD COLUMN \(column.name) \(column.definition)")
        }
        try connection.execute(epochs)
        if try !columns(of: "chatd_epochs", connection).contains("highest_id") {
            try connection.execute("ALTER TABLE chatd_epochs ADD COLUMN highest_id INTEGER")
        }
        try connection.execute(Tombstones.tables)
        try connection.execute(EpochLimitTable.table)
        try SchemaVersion.record(connection)
    }

    private static let knownEpochColumns = ["number", "epoch", "started_at", "highest_id"]

    /// The requirements on each column. AUTOINCREMENT keeps ids from being reused (sqlite.org/autoinc.html). Client
    /// offsets must be allowed to be NULL and must be compared by bytes.
    private static let requirements: [(String, @Sendable (Column) -> Bool)] = [
        ("id", { $0.type == "INTEGER" && $0.isAutoincrement }),
        ("client_offset", { $0.type == "TEXT" && $0.collation == "BINARY" && !$0.isNotNull }),
        ("content", { $0.type == "TEXT" }),
        ("created_at", { $0.type == "INTEGER" }),
        ("author", { $0.type == "TEXT" && !$0.isNotNull }),
        ("author_name", { $0.type == "TEXT" && !$0.isNotNull }),
    ]

    /// The names of a table's columns; none if there is no such table.
    static func columns(of table: String, _ connection: SQLiteConnection) throws(StoreError) -> [String] {
        try texts("SELECT name FROM pragma_table_xinfo('\(table)') ORDER BY cid", of: connection)
    }

    private static func texts(_ sql: String, of connection: SQLiteConnection) throws(StoreError) -> [String] {
        let statement = try connection.prepare(sql)
        var texts: [String] = []
        while try statement.step() {
            texts.append(String(decoding: statement.text(at: 0), as: UTF8.self))
        }
        return texts
    }
}

/// The declaration of one column of `messages`.
private struct Column {
    let type: String
    let collation: String
    let isNotNull: Bool
    let isAutoincrement: Bool

    /// Nil if there is no such column, or if it is not in a real table.
    init?(_ name: String, of connection: SQLiteConnection) {
        var type: UnsafePointer<CChar>?
        var collation: UnsafePointer<CChar>?
        var (notNull, primaryKey, autoincrement): (Int32, Int32, Int32) = (0, 0, 0)
        let code = sqlite3_table_column_metadata(
            connection.handle, "main", "messages", name, &type, &collation, &notNull, &primaryKey, &autoincrement)
        guard code == SQLITE_OK else { return nil }
        self.type = type.map { String(cString: $0).uppercased() } ?? ""
        self.collation = collation.map { String(cString: $0).uppercased() } ?? ""
        isNotNull = notNull != 0
        isAutoincrement = autoincrement != 0
    }
}
