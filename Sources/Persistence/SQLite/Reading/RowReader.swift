/// The queries that read rows, both for pages of history and for the rows of other programs.
struct RowReader {
    private static let columns = "id, content, created_at, author, author_name, client_offset"

    private let forwards: SQLiteStatement
    private let backwards: SQLiteStatement
    private let skipping: SQLiteStatement

    /// - Parameter connection: a database whose schema is up to date.
    init(_ connection: SQLiteConnection) throws(StoreError) {
        forwards = try connection.prepare(
            "SELECT \(Self.columns) FROM messages WHERE id > ?1 AND id <= ?2 ORDER BY id")
        backwards = try connection.prepare(
            "SELECT \(Self.columns) FROM messages WHERE id > 0 AND id < ?1 ORDER BY id DESC")
        skipping = try connection.prepare(
            "SELECT id FROM messages WHERE id > 0 AND id <= ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2")
    }

    /// Reads the first rows with `id < row id ≤ last`, up to the limit. Outside a transaction this call is its own read
    /// transaction, which has ended on return.
    func page(after id: Int64, through last: Int64, limit: PageLimit) throws(StoreError) -> HistoryPage {
        defer { forwards.reset() }
        try forwards.bind(id, at: 1)
        try forwards.bind(min(last, StoredMessage.maxID), at: 2)
        return try read(forwards, limit: limit)
    }

    /// Reads the last rows with `0 < row id < id`, up to the limit, in id order.
    func page(before id: Int64, limit: PageLimit) throws(StoreError) -> HistoryPage {
        defer { backwards.reset() }
        try backwards.bind(min(id, StoredMessage.maxID + 1), at: 1)
        var page = try read(backwards, limit: limit)
        page.messages.reverse()
        return page
    }

    /// Returns the id of the row before the last `count` rows with `0 < row id ≤ last`; 0 if there is none.
    func start(ofLatest count: Int, through last: Int64) throws(StoreError) -> Int64 {
        defer { skipping.reset() }
        try skipping.bind(min(last, StoredMessage.maxID), at: 1)
        try skipping.bind(Int64(max(count, 0)), at: 2)
        return try skipping.step() ? skipping.integer(at: 0) : 0
    }

    private func read(_ statement: SQLiteStatement, limit: PageLimit) throws(StoreError) -> HistoryPage {
        var page = HistoryPage(messages: [], reachesEnd: false)
        var bytes = 0
        while try statement.step() {
            // If the page is full, this row is beyond it. A full page reaches the end only if no row follows.
            if page.messages.count >= max(limit.messages, 1) { return page }
            let content = statement.text(at: 1)
            bytes += content.count
            if bytes > limit.bytes && !page.messages.isEmpty { return page }
            page.messages.append(
                StoredMessage(
                    id: statement.integer(at: 0), content: content,
                    storedAt: StoredMessage.time(statement.integer(at: 2)),
                    attribution: MessageAuthor(id: statement.name(at: 3), storedName: statement.name(at: 4)),
                    clientOffset: statement.name(at: 5)))
        }
        page.reachesEnd = true
        return page
    }
}
