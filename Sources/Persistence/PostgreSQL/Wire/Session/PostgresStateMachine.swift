/// One connection's protocol, from the startup message to Terminate: bytes in, events and bytes out (PostgreSQL
/// protocol, version 3.0, chapter 55 of PostgreSQL 15's manual).
///
/// The connection is not encrypted. Statements can be sent while earlier ones are in progress. Each is a transaction of
/// its own, and their results come in the same order.
package struct PostgresStateMachine {
    package enum Event: Equatable, Sendable {
        /// The session has started. Without a key from the server both numbers are 0, and nothing can be cancelled.
        case ready(processID: Int32, secretKey: Int32)
        /// The earliest statement in progress has ended.
        case completed(PostgresResult)
        /// The earliest statement in progress has failed. The session is usable.
        case failed(PostgresError)
        /// The server has refused to start the session, or has ended it. The outcome of the statements in progress is
        /// unknown.
        case refused(PostgresError)
        case notification(channel: String, payload: String, processID: Int32)
        case notice(PostgresError)
    }

    private enum Phase {
        case created
        case authenticating
        /// Authenticated, but not ready.
        case starting
        case started
        case ended
    }

    private let identity: Identity
    private let limits: PostgresLimits
    private var phase = Phase.created
    private var authentication: PostgresAuthentication
    private var frames = PostgresFrames()
    private var output = PostgresWriter()
    private var key: (processID: Int32, secretKey: Int32) = (0, 0)
    /// The statements in progress, the earliest first.
    private var executions: [PostgresExecution] = []
    /// The SQL texts that the server has parsed, by name.
    private var parsed: [String: String] = [:]

    /// The settings that the server reports, such as `server_version` (55.2.7).
    package private(set) var parameters: [String: String] = [:]
    /// The state of the transaction after the last statement.
    package private(set) var transactionStatus = PostgresTransactionStatus.idle

    /// - Parameter random: returns at least 16 random bytes, for SCRAM.
    package init(_ identity: Identity, limits: PostgresLimits = PostgresLimits(), random: () -> [UInt8]) {
        self.identity = identity
        self.limits = limits
        authentication = PostgresAuthentication(user: identity.user, password: identity.password, random: random())
    }

    /// The number of statements that can be in progress at a time.
    package static let pipelineLimit = 64

    /// True if no statement is in progress in a session that has started.
    package var isIdle: Bool { phase == .started && executions.isEmpty }

    /// How many statements can be sent now.
    package var room: Int { phase == .started ? Self.pipelineLimit - executions.count : 0 }

    /// True after Terminate, a refusal or an error. All further input is ignored.
    package var hasEnded: Bool { phase == .ended }

    /// Begins the session.
    package mutating func start() {
        precondition(phase == .created, "a connection has one session")
        output.append(PostgresWriter.startup(identity))
        phase = .authenticating
    }

    /// Sends a statement. There is room for it, or the session has ended; then nothing is sent, as the event that tells
    /// the end may come together with the end of the statement before.
    package mutating func send(_ statement: PostgresStatement) {
        guard !hasEnded else { return }
        precondition(room > 0, "too many statements are in progress, or the session has not started")
        let isParsed = isParsed(statement)
        if !isParsed { parsed[statement.name] = nil }
        output.append(statement, isParsed: isParsed)
        executions.append(PostgresExecution(statement, isParsed: isParsed))
    }

    /// True if the server will have the statement under its name when it has ended those in progress.
    private func isParsed(_ statement: PostgresStatement) -> Bool {
        guard !statement.name.isEmpty, parsed[statement.name] == statement.sql else { return false }
        return executions.allSatisfy { $0.statement.name != statement.name || $0.statement.sql == statement.sql }
    }

    /// Ends the session. The connection can be closed when the output has been written.
    package mutating func terminate() {
        // During authentication a server expects nothing but its answers.
        if phase == .starting || phase == .started { output.append(PostgresWriter.terminate) }
        end()
    }

    /// Returns the bytes for the server, and forgets them.
    package mutating func takeOutput() -> [UInt8] {
        defer { output = PostgresWriter() }
        return output.bytes
    }

    /// Makes the only message of another connection, which asks the server to cancel this session's statement.
    package static func cancelRequest(processID: Int32, secretKey: Int32) -> [UInt8] {
        PostgresWriter.cancelRequest(processID: processID, secretKey: secretKey)
    }

    /// Takes in bytes from the server.
    ///
    /// - Throws: ``PostgresProtocolError`` if the session cannot continue; the owner closes the connection. Events that
    ///   came together with the error are dropped, so the outcome of the statements in progress is unknown.
    package mutating func receive(_ bytes: [UInt8]) throws(PostgresProtocolError) -> [Event] {
        try receive(bytes.span.bytes)
    }

    /// Takes in bytes from the server; see the overload for an array.
    package mutating func receive(_ bytes: RawSpan) throws(PostgresProtocolError) -> [Event] {
        guard !hasEnded else { return [] }
        frames.append(bytes)
        var events: [Event] = []
        do throws(PostgresProtocolError) {
            while !hasEnded, let message = try nextMessage() {
                if let event = try handle(message) { events.append(event) }
            }
        } catch {
            end()
            throw error
        }
        return events
    }

    /// Reads the next message. One that is too long or not expected is refused before its body has arrived.
    private mutating func nextMessage() throws(PostgresProtocolError) -> PostgresMessage? {
        guard let header = frames.header else { return nil }
        guard let kind = PostgresMessageKind(rawValue: header.kind) else { throw .unknownMessage(header.kind) }
        let limit = phase == .authenticating ? PostgresLimits.shortMessage : limits.message
        guard kind.lengths(upTo: limit).contains(header.length) else { throw .badLength("\(kind)", header.length) }
        guard expects(kind) else {
            throw kind.isCopying && !executions.isEmpty ? .copying : .unexpectedMessage("\(kind)")
        }
        guard var body = frames.next(header, kind) else { return nil }
        return try PostgresMessage(kind, &body)
    }

    private func expects(_ kind: PostgresMessageKind) -> Bool {
        switch (phase, kind) {
        case (.created, _), (.ended, _): false
        case (.authenticating, _): kind == .authentication || kind == .errorResponse
        case (_, .noticeResponse), (_, .notificationResponse), (_, .parameterStatus): true
        case (.starting, _): kind == .backendKeyData || kind == .readyForQuery || kind == .errorResponse
        // An idle session gets an error only at its end, which its severity tells. So does one after a failure.
        case (.started, .errorResponse): true
        case (.started, _): executions.first?.expects(kind) ?? false
        }
    }

    private mutating func handle(_ message: PostgresMessage) throws(PostgresProtocolError) -> Event? {
        switch message {
        case .authentication(let request):
            if let answer = try authentication.answer(request) { output.append(answer) }
            if authentication.isDone { phase = .starting }
        case .backendKey(let processID, let secretKey): key = (processID, secretKey)
        case .setting(let name, let value): try set(name, to: value)
        case .notice(let notice): return .notice(notice)
        case .notification(let channel, let payload, let processID):
            return .notification(channel: channel, payload: payload, processID: processID)
        case .error(let error): return try handle(error)
        case .ready(let status): return ready(status)
        case .parsed:
            try take(message)
            noteParsed()
        default: try take(message)
        }
        return nil
    }

    private mutating func take(_ message: PostgresMessage) throws(PostgresProtocolError) {
        if !executions.isEmpty { try executions[0].take(message, limits: limits) }
    }

    private mutating func handle(_ error: PostgresError) throws(PostgresProtocolError) -> Event? {
        guard phase == .started, !error.endsSession else {
            end()
            return .refused(error)
        }
        guard let execution = executions.first, execution.expects(.errorResponse) else {
            throw .unexpectedMessage("errorResponse")
        }
        // The server has lost the statement, for example after DISCARD ALL (class 26, invalid SQL statement name).
        if error.sqlClass == "26" { parsed[execution.statement.name] = nil }
        executions[0].fail(error)
        return nil
    }

    private mutating func ready(_ status: PostgresTransactionStatus) -> Event? {
        transactionStatus = status
        guard phase == .started else {
            phase = .started
            return .ready(processID: key.processID, secretKey: key.secretKey)
        }
        return executions.isEmpty ? nil : executions.removeFirst().outcome(status)
    }

    private mutating func noteParsed() {
        guard let statement = executions.first?.statement, !statement.name.isEmpty else { return }
        parsed[statement.name] = statement.sql
    }

    private mutating func set(_ name: String, to value: String) throws(PostgresProtocolError) {
        parameters[name] = value
        guard parameters.count <= limits.settings else { throw .tooManySettings(limit: limits.settings) }
    }

    private mutating func end() {
        phase = .ended
        executions = []
        frames = PostgresFrames()
    }
}
