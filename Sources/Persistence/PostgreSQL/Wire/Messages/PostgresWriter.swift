/// Writes messages to the server (PostgreSQL protocol, 55.7).
///
/// Texts that end with a zero byte must not contain one: it would end the text early, and the rest would be read as
/// another field. This is the caller's duty, and is checked.
struct PostgresWriter {
    private(set) var bytes: [UInt8] = []

    /// The version 3.0 of the protocol.
    private static let version: Int32 = 3 << 16
    /// The number that stands for a cancel request instead of a version.
    private static let cancelCode: Int32 = 1234 << 16 | 5678

    static func startup(_ identity: PostgresStateMachine.Identity) -> [UInt8] {
        message(nil) { body in
            body.append(version)
            var parameters = [(name: "user", value: identity.user), (name: "database", value: identity.database)]
            if !identity.parameters.contains(where: { $0.name == "client_encoding" }) {
                parameters.append((name: "client_encoding", value: "UTF8"))
            }
            for parameter in parameters + identity.parameters {
                body.append(parameter.name)
                body.append(parameter.value)
            }
            body.append("")
        }
    }

    static func cancelRequest(processID: Int32, secretKey: Int32) -> [UInt8] {
        message(nil) { body in
            body.append(cancelCode)
            body.append(processID)
            body.append(secretKey)
        }
    }

    static func password(_ password: String) -> [UInt8] {
        message("p") { $0.append(password) }
    }

    static func saslInitialResponse(mechanism: String, _ response: [UInt8]) -> [UInt8] {
        message("p") { body in
            body.append(mechanism)
            body.append(value: response)
        }
    }

    static func saslResponse(_ response: [UInt8]) -> [UInt8] {
        message("p") { $0.bytes += response }
    }

    static let terminate: [UInt8] = message("X") { _ in }

    /// Appends a script's message, or the messages of a statement.
    /// - Parameter isParsed: true if the server has the statement under its name.
    mutating func append(_ statement: PostgresStatement, isParsed: Bool) {
        guard !statement.isScript else { return append("Q") { $0.append(statement.sql) } }
        if !isParsed {
            if !statement.name.isEmpty {
                // The server refuses to parse a name that it has. To close one that it does not have is no error.
                append("C") { body in
                    body.bytes.append(UInt8(ascii: "S"))
                    body.append(statement.name)
                }
            }
            append("P") { body in
                body.append(statement.name)
                body.append(statement.sql)
                body.append(UInt16(0))
            }
        }
        append("B") { body in
            // The unnamed portal.
            body.append("")
            body.append(statement.name)
            body.append(formatOf: statement)
            precondition(statement.parameters.count <= Int(UInt16.max), "too many parameters")
            body.append(UInt16(statement.parameters.count))
            for parameter in statement.parameters { body.append(value: parameter) }
            body.append(formatOf: statement)
        }
        append("E") { body in
            body.append("")
            // All rows.
            body.append(Int32(0))
        }
        append("S") { _ in }
    }

    mutating func append(_ message: [UInt8]) {
        bytes += message
    }

    private static func message(_ kind: Unicode.Scalar?, _ body: (inout PostgresWriter) -> Void) -> [UInt8] {
        var writer = PostgresWriter()
        writer.append(kind, body)
        return writer.bytes
    }

    /// Appends a message: its kind, which the first message of a connection lacks, its length and its body.
    private mutating func append(_ kind: Unicode.Scalar?, _ body: (inout PostgresWriter) -> Void) {
        if let kind { bytes.append(UInt8(ascii: kind)) }
        let start = bytes.count
        append(Int32(0))
        body(&self)
        let length = bytes.count - start
        precondition(length <= Int(Int32.max), "a message has at most 2 GiB")
        for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * index)) }
    }

    /// Appends one format code for all values, or none, which means text.
    private mutating func append(formatOf statement: PostgresStatement) {
        append(UInt16(statement.isBinary ? 1 : 0))
        if statement.isBinary { append(UInt16(1)) }
    }

    private mutating func append(_ number: Int32) {
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private mutating func append(_ number: UInt16) {
        bytes.append(UInt8(number >> 8))
        bytes.append(UInt8(truncatingIfNeeded: number))
    }

    private mutating func append(_ text: String) {
        precondition(!text.utf8.contains(0), "a text for the server contains U+0000")
        bytes += text.utf8
        bytes.append(0)
    }

    /// Appends a value after its length, which is -1 for NULL.
    private mutating func append(value: [UInt8]?) {
        append(value.map { Int32($0.count) } ?? -1)
        if let value { bytes += value }
    }
}
