/// An error or notice of the server (PostgreSQL protocol, 55.8).
package struct PostgresError: Error, Equatable, Sendable, CustomStringConvertible {
    /// In English if the server is of version 9.6 or later, such as `ERROR`.
    package let severity: String
    /// The SQLSTATE code, such as `23505` (PostgreSQL, appendix A).
    package let code: String
    package let message: String
    package let detail: String?
    package let hint: String?
    /// The name of the violated constraint.
    package let constraint: String?

    package init(
        severity: String, code: String, message: String, detail: String? = nil, hint: String? = nil,
        constraint: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.detail = detail
        self.hint = hint
        self.constraint = constraint
    }

    /// Reads fields until a zero byte: for each a letter and a text. Unknown letters are skipped, as 55.8 wants.
    init(_ body: inout PostgresReader) throws(PostgresProtocolError) {
        var fields: [UInt8: String] = [:]
        while true {
            let letter = try body.byte()
            guard letter != 0 else { break }
            fields[letter] = try body.string()
        }
        guard let severity = fields[UInt8(ascii: "V")] ?? fields[UInt8(ascii: "S")],
            let code = fields[UInt8(ascii: "C")], let message = fields[UInt8(ascii: "M")]
        else { throw body.malformed }
        self.init(
            severity: severity, code: code, message: message, detail: fields[UInt8(ascii: "D")],
            hint: fields[UInt8(ascii: "H")], constraint: fields[UInt8(ascii: "n")])
    }

    /// The first two characters of the code, such as `23` for a violated constraint.
    package var sqlClass: String { String(code.prefix(2)) }

    /// True if the server ends the session after this error.
    var endsSession: Bool { severity == "FATAL" || severity == "PANIC" }

    /// One line for the operator.
    package var description: String {
        let additions = [detail, hint].compactMap { $0 }.map { " (\($0))" }.joined()
        // A line feed would make it look like two lines of a log.
        let line = "\(severity) \(code): \(message)\(additions)".unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? " " : scalar
        }
        return String(String.UnicodeScalarView(line))
    }
}
