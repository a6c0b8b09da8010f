/// Converts rows of SQLite to rows of PostgreSQL, in ascending order of ids. The same rows always give the same result,
/// so a copy that was interrupted converts the first rows again to continue after them.
struct RowCopier {
    private(set) var progress = CopyProgress()
    private(set) var changes = RowChanges()
    /// The keys with a new hash. There is one for each row whose content changed and whose offset other rows have too.
    private var keysWithNewHash: Set<[UInt8]> = []
    /// True if the source has deleted messages. Then a key may be free although longer ones are in use, and PostgreSQL
    /// would not find these: it looks a key up only if the shorter ones are taken.
    private let hasDeleted: Bool
    /// The keys that were shortened, in the form of PostgreSQL.
    private var shortenedKeys: Set<[UInt8]> = []

    /// - Parameter hasDeleted: true if the source has deleted messages.
    init(hasDeleted: Bool = false) {
        self.hasDeleted = hasDeleted
    }

    /// Converts the next row.
    /// - Parameter isKeyInSource: true if a row of the source has the key, in the form of SQLite.
    mutating func copy(
        _ row: SourceRow, isKeyInSource: ([UInt8]) throws(StoreError) -> Bool
    ) throws(StoreError) -> CopiedRow {
        progress.add(row)
        let content = row.content.bytes.map { utf8WithoutNUL($0, of: row.id) }
        return CopiedRow(
            id: row.id, clientOffset: try key(of: row, content: content, isKeyInSource), content: content,
            createdAt: createdAt(of: row), author: author(row.author, of: row.id),
            authorName: author(row.authorName, of: row.id))
    }

    private mutating func utf8WithoutNUL(_ bytes: [UInt8], of id: Int64) -> [UInt8] {
        let text = Self.utf8(bytes)
        if text != bytes { changes.add(.contentNotUTF8, of: id) }
        guard text.contains(0) else { return text }
        changes.add(.contentWithNUL, of: id)
        return text.flatMap { $0 == 0 ? Array("\u{FFFD}".utf8) : [$0] }
    }

    private mutating func key(
        of row: SourceRow, content: [UInt8]?, _ isKeyInSource: ([UInt8]) throws(StoreError) -> Bool
    ) throws(StoreError) -> [UInt8]? {
        if row.clientOffset == .null { return nil }
        var key: OffsetKey
        do {
            key = try OffsetKey(row.clientOffset)
        } catch {
            changes.add(error, of: row.id)
            return nil
        }
        if let old = row.content.bytes, let content, key.replaceHash(of: old, by: content) {
            // Two contents may have become equal, for example if one had U+0000 where the other one had U+FFFD.
            let isTaken = try isKeyInSource(key.inSQLite)
            guard keysWithNewHash.insert(key.inPostgreSQL).inserted, !isTaken else {
                changes.add(.offsetNotUnique, of: row.id)
                return nil
            }
        }
        key = try shortened(key, isKeyInSource)
        if key.isDerived { changes.derivedKeys += 1 }
        return key.inPostgreSQL
    }

    /// Converts what is left of a deleted message, after the rows.
    /// - Returns: nil if PostgreSQL cannot have its key. chatd refuses such an offset from a client.
    mutating func copy(
        _ tombstone: SourceTombstone, isKeyInSource: ([UInt8]) throws(StoreError) -> Bool
    ) throws(StoreError) -> CopiedTombstone? {
        guard let parsed = try? OffsetKey(.text(tombstone.key)) else { return nil }
        let key = try shortened(parsed, isKeyInSource)
        return CopiedTombstone(
            clientOffset: key.inPostgreSQL, contentHash: tombstone.contentHash, id: tombstone.id,
            deletedAt: tombstone.deletedAt)
    }

    /// The first key of a message that nothing else has.
    private mutating func shortened(
        _ key: OffsetKey, _ isKeyInSource: ([UInt8]) throws(StoreError) -> Bool
    ) throws(StoreError) -> OffsetKey {
        guard hasDeleted else { return key }
        for count in 0..<key.hashes.count {
            let shorter = key.prefix(hashes: count)
            guard !shortenedKeys.contains(shorter.inPostgreSQL), try !isKeyInSource(shorter.inSQLite) else { continue }
            shortenedKeys.insert(shorter.inPostgreSQL)
            return shorter
        }
        return key
    }

    private mutating func createdAt(of row: SourceRow) -> Int64 {
        switch row.createdAt {
        case .integer(let time): return time
        case .null: return 0
        case .real(let time):
            changes.add(.createdAt, of: row.id)
            return StoredMessage.time(Int64(exactly: time.rounded(.towardZero)) ?? 0)
        case .text, .blob:
            changes.add(.createdAt, of: row.id)
            return 0
        }
    }

    /// The author, or its name, as clients see it, which ends at U+0000; see ``SQLiteStatement/name(at:)``.
    private mutating func author(_ value: SourceValue, of id: Int64) -> [UInt8]? {
        guard let bytes = value.bytes else { return nil }
        let author = Self.utf8(Array(bytes.prefix { $0 != 0 }))
        if author != bytes { changes.add(.author, of: id) }
        return author
    }

    /// The bytes as valid UTF-8, with U+FFFD in place of invalid ones.
    private static func utf8(_ bytes: [UInt8]) -> [UInt8] {
        if (try? UTF8Span(validating: bytes.span)) != nil { return bytes }
        return Array(String(decoding: bytes, as: UTF8.self).utf8)
    }
}
