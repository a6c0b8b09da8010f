import Testing

@testable import Persistence

extension SourceRow {
    /// A row with texts.
    init(
        _ id: Int64, _ offset: SourceValue = .null, _ content: SourceValue = "text",
        createdAt: SourceValue = .integer(7), author: SourceValue = .null,
        name: SourceValue = .null
    ) {
        self.init(
            id: id, clientOffset: offset, content: content, createdAt: createdAt, author: author, authorName: name)
    }
}

extension SourceValue: ExpressibleByStringInterpolation {
    public init(stringLiteral text: String) { self = .text(Array(text.utf8)) }
}

extension RowCopier {
    /// Copies rows of a source that has no others.
    mutating func copyAll(_ rows: [SourceRow]) throws -> [CopiedRow] {
        let keys = Set(rows.compactMap { row in if case .text(let key) = row.clientOffset { key } else { nil } })
        return try rows.map { try copy($0) { keys.contains($0) } }
    }
}

/// The hash of a text that the stores append to an offset.
func hash(_ text: String) -> String {
    String(decoding: SHA256.hexadecimal(Array(text.utf8)), as: UTF8.self)
}
