/// A message from the server (PostgreSQL protocol, 55.7).
enum PostgresMessage: Equatable {
    case authentication(PostgresAuthentication.Request)
    case backendKey(processID: Int32, secretKey: Int32)
    case closed
    case completed(tag: String)
    case bound
    /// The beginning of a result with this number of columns, or of none (NoData).
    case described(columns: Int?)
    case empty
    case error(PostgresError)
    case notice(PostgresError)
    case notification(channel: String, payload: String, processID: Int32)
    case parsed
    case ready(PostgresTransactionStatus)
    case row([[UInt8]?])
    case setting(name: String, value: String)

    /// Reads the body of a message, to its end.
    init(_ kind: PostgresMessageKind, _ body: inout PostgresReader) throws(PostgresProtocolError) {
        switch kind {
        case .authentication: self = .authentication(try Self.request(&body))
        case .backendKeyData: self = .backendKey(processID: try body.int32(), secretKey: try body.int32())
        case .bindComplete: self = .bound
        case .closeComplete: self = .closed
        case .commandComplete: self = .completed(tag: try body.string())
        case .dataRow: self = .row(try body.row())
        case .emptyQueryResponse: self = .empty
        case .errorResponse: self = .error(try PostgresError(&body))
        case .noData: self = .described(columns: nil)
        case .noticeResponse: self = .notice(try PostgresError(&body))
        case .notificationResponse:
            let processID = try body.int32()
            self = .notification(channel: try body.string(), payload: try body.string(), processID: processID)
        case .parameterStatus: self = .setting(name: try body.string(), value: try body.string())
        case .parseComplete: self = .parsed
        case .readyForQuery:
            guard let status = PostgresTransactionStatus(rawValue: try body.byte()) else { throw body.malformed }
            self = .ready(status)
        case .rowDescription: self = .described(columns: try Self.columns(&body))
        // The whole rows were asked for, and no copying; see also the phases' expected messages.
        case .copyBothResponse, .copyInResponse, .copyOutResponse, .portalSuspended:
            throw .unexpectedMessage("\(kind)")
        }
        try body.finish()
    }

    private static func request(
        _ body: inout PostgresReader
    ) throws(PostgresProtocolError) -> PostgresAuthentication.Request {
        let code = try body.int32()
        switch code {
        case 0: return .accepted
        case 2: return .unsupported("Kerberos")
        case 3: return .cleartextPassword
        case 5: return .md5Password(salt: try body.bytes(4))
        case 6: return .unsupported("SCM credentials")
        case 7: return .unsupported("GSSAPI")
        case 9: return .unsupported("SSPI")
        case 10:
            var mechanisms: [String] = []
            while true {
                let mechanism = try body.string()
                guard !mechanism.isEmpty else { return .sasl(mechanisms: mechanisms) }
                mechanisms.append(mechanism)
            }
        case 11: return .saslContinue(try body.bytes(body.remaining))
        case 12: return .saslFinal(try body.bytes(body.remaining))
        default:
            // The data of a method that is not known cannot be checked.
            _ = try body.bytes(body.remaining)
            return .unsupported("number \(code)")
        }
    }

    /// Reads a RowDescription for its number of columns, which must be in text format.
    private static func columns(_ body: inout PostgresReader) throws(PostgresProtocolError) -> Int {
        let count = try body.int16()
        guard count >= 0 else { throw body.malformed }
        for _ in 0..<count {
            _ = try body.string()
            // The table and column (6 bytes), the type, its size and its modifier (10 bytes).
            _ = try body.bytes(16)
            guard try body.int16() == 0 else { throw body.malformed }
        }
        return count
    }
}
