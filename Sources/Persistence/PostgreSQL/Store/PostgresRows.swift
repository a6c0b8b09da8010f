/// Reads the rows of the functions in `schema.sql`.
struct PostgresRow {
    /// The text of each column; nil for NULL.
    private let columns: [[UInt8]?]

    init(_ columns: [[UInt8]?]) {
        self.columns = columns
    }

    /// - Throws: ``PostgresFailure/lost(_:)`` if there is no such number.
    func integer(_ index: Int) throws(PostgresFailure) -> Int64 {
        guard let value = try optionalInteger(index) else { throw .lost("a result has no number in column \(index)") }
        return value
    }

    func optionalInteger(_ index: Int) throws(PostgresFailure) -> Int64? {
        guard let text = bytes(index) else { return nil }
        guard let value = Int64(String(decoding: text, as: UTF8.self)) else {
            throw .lost("a result has another value than a number in column \(index)")
        }
        return value
    }

    func bytes(_ index: Int) -> [UInt8]? {
        columns.indices.contains(index) ? columns[index] : nil
    }

    func text(_ index: Int) -> String {
        String(decoding: bytes(index) ?? [], as: UTF8.self)
    }

    /// A message in the six columns from `start` on: id, content, created_at, author, client_offset, author_name.
    func message(from start: Int) throws(PostgresFailure) -> StoredMessage {
        func name(_ index: Int) -> [UInt8]? {
            bytes(index).flatMap { $0.count <= StoredMessage.maxNameBytes ? $0 : nil }
        }
        return StoredMessage(
            id: try integer(start), content: bytes(start + 1) ?? [],
            storedAt: StoredMessage.time(try optionalInteger(start + 2) ?? 0),
            attribution: MessageAuthor(id: name(start + 3), storedName: name(start + 5)), clientOffset: name(start + 4))
    }
}
