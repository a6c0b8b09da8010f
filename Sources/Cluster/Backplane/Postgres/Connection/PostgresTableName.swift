/// The name of a table, perhaps with its schema. As in SQL without quotation marks, it may have letters of ASCII,
/// digits and underscores, and upper-case letters mean lower-case ones.
struct PostgresTableName: Equatable, Sendable {
    /// The name in the form of SQL.
    let quoted: String

    /// - Returns: nil if the text is no such name.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy(Self.isIdentifier) else { return nil }
        quoted = parts.map { "\"\($0.lowercased())\"" }.joined(separator: ".")
    }

    /// The maximum length of an identifier in bytes (PostgreSQL, 4.1.1).
    private static let maxLength = 63

    private static func isIdentifier(_ text: Substring) -> Bool {
        guard 1...maxLength ~= text.utf8.count, text.utf8.first.map({ !isDigit($0) }) ?? false else { return false }
        return text.utf8.allSatisfy { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
}
