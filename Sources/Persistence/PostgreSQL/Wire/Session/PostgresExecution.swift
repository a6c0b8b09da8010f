/// The answer to one statement, as far as it has arrived (PostgreSQL protocol, 55.2.2 and 55.2.3).
struct PostgresExecution {
    /// What the server sends next.
    private enum Step {
        /// The answers to Close, Parse and Bind.
        case closing
        case parsing
        case binding
        /// The first row of a statement, or its end.
        case running
        /// The next row of a result, or its end.
        case rows
        /// The answer to a script's first statement.
        case script
        /// The answer to a script's next statement, or the script's end.
        case scriptContinued
        /// ReadyForQuery.
        case ending
    }

    let statement: PostgresStatement
    private var step: Step
    private var error: PostgresError?
    private var rows: [[[UInt8]?]] = []
    private var columns: Int?
    private var size = 0
    private var tag = ""

    /// - Parameter isParsed: true if the server has the statement under its name.
    init(_ statement: PostgresStatement, isParsed: Bool) {
        self.statement = statement
        step =
            switch (statement.isScript, isParsed, statement.name.isEmpty) {
            case (true, _, _): .script
            case (_, true, _): .binding
            case (_, _, true): .parsing
            default: .closing
            }
    }

    /// True if the message may come next. The end of a failed statement is the only message that may follow its error.
    func expects(_ kind: PostgresMessageKind) -> Bool {
        switch (step, kind) {
        case (.closing, .closeComplete), (.parsing, .parseComplete), (.binding, .bindComplete): true
        case (.running, .rowDescription), (.running, .noData), (.running, .dataRow), (.running, .commandComplete),
            (.running, .emptyQueryResponse):
            true
        case (.rows, .dataRow), (.rows, .commandComplete), (.rows, .emptyQueryResponse): true
        case (.script, .rowDescription), (.script, .commandComplete), (.script, .emptyQueryResponse): true
        case (.scriptContinued, .rowDescription), (.scriptContinued, .commandComplete),
            (.scriptContinued, .readyForQuery):
            true
        case (.ending, .readyForQuery): true
        // Also after the statement's end: the commit that follows it may fail.
        case (_, .errorResponse): error == nil
        default: false
        }
    }

    /// Takes in an expected message other than an error and the end.
    mutating func take(_ message: PostgresMessage, limits: PostgresLimits) throws(PostgresProtocolError) {
        switch message {
        case .closed: step = .parsing
        case .parsed: step = .binding
        case .bound: step = .running
        case .described(let columns):
            clear()
            self.columns = columns
            step = .rows
        case .row(let row):
            try append(row, limit: limits.result)
            step = .rows
        case .completed(let tag):
            if isBetweenStatements { clear() }
            complete(tag)
        case .empty: complete("")
        default: break
        }
    }

    /// Notes that the statement has failed. The rows that have arrived are dropped.
    mutating func fail(_ error: PostgresError) {
        clear()
        self.error = error
        step = .ending
    }

    /// The outcome at the end.
    func outcome(_ status: PostgresTransactionStatus) -> PostgresStateMachine.Event {
        if let error { return .failed(error) }
        return .completed(PostgresResult(rows: rows, commandTag: tag, transactionStatus: status))
    }

    /// True if the answer to a script's statement begins with the next message.
    private var isBetweenStatements: Bool { step == .script || step == .scriptContinued }

    private mutating func complete(_ tag: String) {
        self.tag = tag
        step = statement.isScript ? .scriptContinued : .ending
    }

    private mutating func clear() {
        rows = []
        columns = nil
        size = 0
    }

    private mutating func append(_ row: [[UInt8]?], limit: Int) throws(PostgresProtocolError) {
        guard row.count == columns ?? row.count else { throw .malformedMessage("dataRow") }
        columns = row.count
        // An array has a header of 32 bytes, and a value or row is a reference to one.
        size += 40 + row.reduce(0) { $0 + 8 + ($1.map { 32 + $0.count } ?? 0) }
        guard size <= limit else { throw .resultTooLarge(limit: limit) }
        rows.append(row)
    }
}
