/// The one query that reads rows: pages of history and the rows of other programs alike.
struct RowReader {
    private let statement: SQLiteStatement

    /// - Parameter connection: a database whose schema is up to date.
    init(_ connection: SQLiteConnection) throws(StoreError) {
        statement = try connection.prepare(
            "SELECT id, content, created_at FROM messages WHERE id > ?1 AND id <= ?2 ORDER BY id")
    }

    /// Reads rows with `id < row id ≤ last`, as far as the limit allows. Outside a transaction this is a read
    /// transaction of its own, which has ended on return.
    func page(after id: Int64, through last: Int64, limit: PageLimit) throws(StoreError) -> Page {
        defer { statement.reset() }
        try statement.bind(id, at: 1)
        try statement.bind(last, at: 2)
        var page = Page(rows: [], reachesEnd: false)
        var bytes = 0
        while try statement.step() {
            // One row beyond the limit is looked at, and so a page that ends just at the limit knows that it is short.
            if page.rows.count >= max(limit.rows, 1) { return page }
            let content = statement.text(at: 1)
            bytes += content.count
            if bytes > limit.bytes && !page.rows.isEmpty { return page }
            page.rows.append(
                Row(id: statement.integer(at: 0), content: content, createdAt: statement.integer(at: 2)))
        }
        page.reachesEnd = true
        return page
    }
}
