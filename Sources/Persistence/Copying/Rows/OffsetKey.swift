/// The key of a message: its client offset and, if other messages had the same offset, hashes of its content.
///
///                +--------+-----+---------------+-----+---------------+
///     SQLite     | offset |  0  | hash (64 hex) |  0  | hash (64 hex) | …
///     PostgreSQL | offset |  1  | hash (64 hex) |  1  | hash (64 hex) | …
///                +--------+-----+---------------+-----+---------------+
struct OffsetKey: Equatable {
    /// The limit of an offset in PostgreSQL, in bytes; see `storing.sql`.
    static let maxOffsetBytes = 256
    /// The limit of the hashes. A key with more does not fit into an index of PostgreSQL, which has at most 2704 bytes.
    static let maxHashes = 32
    private static let hashSize = 64

    let offset: [UInt8]
    private(set) var hashes: [[UInt8]]

    /// Parses a key of SQLite.
    /// - Throws: the reason why PostgreSQL cannot have it.
    init(_ value: SourceValue) throws(RowChange) {
        guard case .text(let bytes) = value else { throw .offsetNotText }
        guard (try? UTF8Span(validating: bytes.span)) != nil else { throw .offsetNotUTF8 }
        let parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.dropFirst().allSatisfy(Self.isHash) else { throw .offsetWithNUL }
        guard parts[0].count <= Self.maxOffsetBytes, parts.count - 1 <= Self.maxHashes else { throw .offsetTooLong }
        guard !parts[0].contains(1) else { throw .offsetWithSeparator }
        offset = Array(parts[0])
        hashes = parts.dropFirst().map(Array.init)
    }

    /// True if the store has derived this key from the offset.
    var isDerived: Bool { !hashes.isEmpty }

    /// The key in SQLite.
    var inSQLite: [UInt8] { text(separator: 0) }

    /// The key in PostgreSQL.
    var inPostgreSQL: [UInt8] { text(separator: 1) }

    /// The form in SQLite of a key of PostgreSQL. A key that another program has chosen is left as it is.
    static func inSQLite(_ key: [UInt8]) -> [UInt8] {
        let parts = key.split(separator: 1, omittingEmptySubsequences: false)
        guard parts.dropFirst().allSatisfy(isHash) else { return key }
        return Array(parts.joined(separator: [0]))
    }

    /// This key without its last hashes.
    func prefix(hashes count: Int) -> OffsetKey {
        var key = self
        key.hashes = Array(hashes.prefix(count))
        return key
    }

    /// Replaces the hash of a content that changes. Hashes of other contents stay: another program has changed the
    /// row's content since.
    /// - Returns: true if the key has changed.
    mutating func replaceHash(of content: [UInt8], by newContent: [UInt8]) -> Bool {
        guard isDerived, content != newContent else { return false }
        let (old, new) = (SHA256.hexadecimal(content), SHA256.hexadecimal(newContent))
        let before = hashes
        hashes = hashes.map { $0 == old ? new : $0 }
        return hashes != before
    }

    private func text(separator: UInt8) -> [UInt8] {
        hashes.reduce(offset) { $0 + [separator] + $1 }
    }

    private static func isHash(_ part: ArraySlice<UInt8>) -> Bool {
        part.count == hashSize && part.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
