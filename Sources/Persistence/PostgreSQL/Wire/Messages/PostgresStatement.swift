/// An SQL text with the values of its parameters.
package struct PostgresStatement: Sendable {
    /// The SQL text, without zero bytes.
    package let sql: String
    /// The name under which the server keeps the parsed statement; empty for a statement that it does not keep. A name
    /// is parsed once per connection, and again for another SQL text. The server keeps every name, so use few.
    package let name: String
    /// The values for `$1`, `$2` and so on; nil for NULL. At most 65535.
    package let parameters: [[UInt8]?]
    /// True if the values of the parameters and of the result are in binary format instead of text.
    package let isBinary: Bool
    /// True for a script, which may have several statements and no parameters.
    package let isScript: Bool

    /// Makes a statement for the extended protocol (PostgreSQL protocol, 55.2.3).
    package init(_ sql: String, name: String = "", parameters: [[UInt8]?] = [], isBinary: Bool = false) {
        self.init(sql: sql, name: name, parameters: parameters, isBinary: isBinary, isScript: false)
    }

    /// Makes a script (PostgreSQL protocol, 55.2.2). It runs in one transaction unless it has transaction commands. Its
    /// result is that of its last statement.
    package static func simple(_ sql: String) -> PostgresStatement {
        PostgresStatement(sql: sql, name: "", parameters: [], isBinary: false, isScript: true)
    }

    private init(sql: String, name: String, parameters: [[UInt8]?], isBinary: Bool, isScript: Bool) {
        self.sql = sql
        self.name = name
        self.parameters = parameters
        self.isBinary = isBinary
        self.isScript = isScript
    }
}

/// What a statement returned.
package struct PostgresResult: Equatable, Sendable {
    /// The values in the statement's format; nil for NULL.
    package let rows: [[[UInt8]?]]
    /// The command and usually the number of rows, such as `INSERT 0 1`; empty for an empty statement.
    package let commandTag: String
    package let transactionStatus: PostgresTransactionStatus
}

/// The state of a session's transaction (PostgreSQL protocol, 55.7: ReadyForQuery).
package enum PostgresTransactionStatus: UInt8, Sendable {
    /// No transaction.
    case idle = 0x49  // I
    case active = 0x54  // T
    /// A statement has failed, and only a rollback is accepted.
    case failed = 0x45  // E
}
