@testable import Persistence

/// A session in its phases.
enum StartedSession {
    static let random: [UInt8] = Array(0..<18)

    static func created(
        password: String? = nil, limits: PostgresLimits = PostgresLimits()
    ) -> PostgresStateMachine {
        let identity = PostgresStateMachine.Identity(user: "alice", database: "chat", password: password)
        return PostgresStateMachine(identity, limits: limits) { random }
    }

    /// A session that awaits the server's first message, with an empty output.
    static func authenticating(
        password: String? = nil, limits: PostgresLimits = PostgresLimits()
    ) -> PostgresStateMachine {
        var session = created(password: password, limits: limits)
        session.start()
        _ = session.takeOutput()
        return session
    }

    /// A session that is ready for statements.
    static func ready(limits: PostgresLimits = PostgresLimits()) throws -> PostgresStateMachine {
        var session = authenticating(limits: limits)
        _ = try session.receive(ServerBytes.accepted + ServerBytes.key + ServerBytes.ready())
        return session
    }

    /// A session in which a statement is in progress.
    static func running(
        _ statement: PostgresStatement = PostgresStatement("SELECT"), limits: PostgresLimits = PostgresLimits()
    ) throws -> PostgresStateMachine {
        var session = try ready(limits: limits)
        session.send(statement)
        _ = session.takeOutput()
        return session
    }

    static func result(
        _ rows: [[String?]], _ tag: String, _ status: PostgresTransactionStatus = .idle
    ) -> PostgresStateMachine.Event {
        let rows = rows.map { $0.map { $0.map { Array($0.utf8) } } }
        return .completed(PostgresResult(rows: rows, commandTag: tag, transactionStatus: status))
    }

    static func error(_ code: String, _ severity: String = "ERROR") -> PostgresError {
        PostgresError(severity: severity, code: code, message: "no luck")
    }
}
