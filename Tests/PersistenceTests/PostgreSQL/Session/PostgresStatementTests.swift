import Testing

@testable import Persistence

@Suite("PostgreSQL session: statements")
struct PostgresStatementTests {
    private typealias Bytes = ServerBytes

    private static func parse(_ name: String, _ sql: String) -> [UInt8] {
        Bytes.message("P", Bytes.text(name) + Bytes.text(sql) + [0, 0])
    }

    private static func run(_ name: String, _ values: [UInt8] = [0, 0]) -> [UInt8] {
        Bytes.message("B", [0] + Bytes.text(name) + [0, 0] + values + [0, 0])
            + Bytes.message("E", [0, 0, 0, 0, 0]) + Bytes.message("S")
    }

    @Test("an unnamed statement is parsed, bound, executed and synchronized")
    func unnamed() throws {
        var session = try StartedSession.ready()
        session.send(PostgresStatement("SELECT $1, $2", parameters: [Array("ab".utf8), nil]))
        #expect(!session.isIdle)
        let values: [UInt8] = [0, 2, 0, 0, 0, 2, 0x61, 0x62, 255, 255, 255, 255]
        #expect(session.takeOutput() == Self.parse("", "SELECT $1, $2") + Self.run("", values))
        #expect(try session.receive(Bytes.parsed + Bytes.bound + Bytes.row(["ab", nil])).isEmpty)
        #expect(try session.receive(Bytes.row(["", "é"]) + Bytes.complete("SELECT 2")).isEmpty)
        let events = try session.receive(Bytes.ready("T"))
        #expect(events == [StartedSession.result([["ab", nil], ["", "é"]], "SELECT 2", .active)])
        #expect(session.isIdle && session.transactionStatus == .active)
    }

    @Test("a named statement is parsed once, and again for another text")
    func named() throws {
        var session = try StartedSession.ready()
        let close = Bytes.message("C", [UInt8(ascii: "S")] + Bytes.text("one"))
        let end = Bytes.bound + Bytes.complete("SELECT 0") + Bytes.ready()
        for (sql, isNew) in [("SELECT 1", true), ("SELECT 1", false), ("SELECT 2", true), ("SELECT 2", false)] {
            session.send(PostgresStatement(sql, name: "one"))
            #expect(session.takeOutput() == (isNew ? close + Self.parse("one", sql) : []) + Self.run("one"))
            let events = try session.receive((isNew ? Bytes.closed + Bytes.parsed : []) + end)
            #expect(events == [StartedSession.result([], "SELECT 0")])
        }
    }

    @Test("a named statement is parsed again if parsing failed, or if the server has lost it")
    func parsedAgain() throws {
        var session = try StartedSession.ready()
        let statement = PostgresStatement("SELECT 1", name: "one")
        let parses = { (session: inout PostgresStateMachine) -> Bool in
            session.send(statement)
            return session.takeOutput().first == UInt8(ascii: "C")
        }
        #expect(parses(&session))
        var events = try session.receive(Bytes.closed + Bytes.error("42601") + Bytes.ready())
        #expect(events == [.failed(StartedSession.error("42601"))])
        #expect(parses(&session))
        // Binding fails, but the server has the statement.
        _ = try session.receive(Bytes.closed + Bytes.parsed + Bytes.error("22P02") + Bytes.ready())
        #expect(!parses(&session))
        events = try session.receive(Bytes.error("26000") + Bytes.ready())
        #expect(events == [.failed(StartedSession.error("26000"))])
        #expect(parses(&session))
    }

    @Test("an empty statement has an empty result")
    func empty() throws {
        for answer in [Bytes.empty, Bytes.noData + Bytes.empty] {
            var session = try StartedSession.running()
            let events = try session.receive(Bytes.parsed + Bytes.bound + answer + Bytes.ready())
            #expect(events == [StartedSession.result([], "")])
        }
    }

    @Test("a description before the rows is accepted, and rows without columns are counted")
    func described() throws {
        var session = try StartedSession.running()
        let rows = Bytes.columns([]) + Bytes.row([]) + Bytes.row([]) + Bytes.complete("SELECT 2")
        let events = try session.receive(Bytes.parsed + Bytes.bound + rows + Bytes.ready())
        #expect(events == [StartedSession.result([[], []], "SELECT 2")])
        session.send(PostgresStatement("SET a = 1"))
        let answer = Bytes.parsed + Bytes.bound + Bytes.noData + Bytes.complete("SET") + Bytes.ready()
        #expect(try session.receive(answer) == [StartedSession.result([], "SET")])
    }

    @Test("a failed statement leaves the session usable, wherever it fails")
    func failed() throws {
        let answers = [
            [], Bytes.parsed, Bytes.parsed + Bytes.bound, Bytes.parsed + Bytes.bound + Bytes.row(["a"]),
            // A constraint that is checked at the end of the transaction.
            Bytes.parsed + Bytes.bound + Bytes.complete("INSERT 0 1"),
        ]
        var session = try StartedSession.ready()
        for answer in answers {
            session.send(PostgresStatement("SELECT"))
            #expect(try session.receive(answer + Bytes.error("23505")).isEmpty)
            #expect(!session.isIdle)
            let events = try session.receive(Bytes.ready("E"))
            #expect(events == [.failed(StartedSession.error("23505"))])
            #expect(session.isIdle && session.transactionStatus == .failed)
        }
    }

    @Test("a script's result is that of its last statement")
    func script() throws {
        var session = try StartedSession.ready()
        session.send(.simple("BEGIN; SELECT 1"))
        #expect(session.takeOutput() == Bytes.message("Q", Bytes.text("BEGIN; SELECT 1")))
        let select = Bytes.columns(["a", "b"]) + Bytes.row(["1", nil]) + Bytes.complete("SELECT 1")
        let one = StartedSession.result([["1", nil]], "SELECT 1", .active)
        #expect(try session.receive(Bytes.complete("BEGIN") + select + Bytes.ready("T")) == [one])
        session.send(.simple("SELECT 1; COMMIT"))
        let commit = StartedSession.result([], "COMMIT")
        #expect(try session.receive(select + Bytes.complete("COMMIT") + Bytes.ready()) == [commit])
        session.send(.simple(""))
        #expect(try session.receive(Bytes.empty + Bytes.ready()) == [StartedSession.result([], "")])
        session.send(.simple("SELECT 1; x"))
        let events = try session.receive(select + Bytes.error("42601") + Bytes.ready())
        #expect(events == [.failed(StartedSession.error("42601"))])
    }

    @Test("notices, notifications and settings may come between any two messages")
    func asynchronous() throws {
        let notice = Bytes.error("01000", "WARNING", kind: "N")
        let pieces = [
            Bytes.closed, Bytes.parsed, Bytes.bound, Bytes.row(["a"]), Bytes.row(["b"]), Bytes.complete("SELECT 2"),
            Bytes.ready(),
        ]
        var session = try StartedSession.ready()
        let told: [PostgresStateMachine.Event] = [
            .notification(channel: "news", payload: "é", processID: 42),
            .notice(StartedSession.error("01000", "WARNING")),
        ]
        #expect(try session.receive(Bytes.notification("news", "é") + notice) == told)
        session.send(PostgresStatement("SELECT", name: "one"))
        for (index, piece) in pieces.enumerated() {
            let setting = Bytes.setting("application_name", "\(index)")
            #expect(try session.receive(setting + Bytes.notification("news", "é") + notice) == told)
            #expect(session.parameters["application_name"] == "\(index)")
            let isLast = index == pieces.count - 1
            let end = isLast ? [StartedSession.result([["a"], ["b"]], "SELECT 2")] : []
            #expect(try session.receive(piece) == end)
        }
    }

    @Test("a fatal error ends the session at any time", arguments: ["FATAL", "PANIC"])
    func fatal(severity: String) throws {
        let refused = PostgresStateMachine.Event.refused(StartedSession.error("57P01", severity))
        let fatal = Bytes.error("57P01", severity)
        var session = try StartedSession.ready()
        #expect(try session.receive(fatal) == [refused])
        for answer in [[], Bytes.parsed, Bytes.parsed + Bytes.bound + Bytes.row(["a"]), Bytes.error("23505")] {
            session = try StartedSession.running()
            #expect(try session.receive(answer + fatal) == [refused])
            #expect(session.hasEnded && !session.isIdle)
        }
    }

    @Test("a statement that is sent when the session has just ended has no effect")
    func sentAfterEnd() throws {
        var session = try StartedSession.running()
        let answer = Bytes.parsed + Bytes.bound + Bytes.complete("SELECT 0") + Bytes.ready()
        let events = try session.receive(answer + Bytes.error("57P01", "FATAL"))
        let refused = PostgresStateMachine.Event.refused(StartedSession.error("57P01", "FATAL"))
        #expect(events == [StartedSession.result([], "SELECT 0"), refused])
        session.send(PostgresStatement("SELECT"))
        #expect(session.takeOutput().isEmpty)
    }

    @Test("an error has its fields, and its description is one line")
    func errorFields() throws {
        let fields = [
            "SFEHLER", "VERROR", "C23505", "Mdouble\nkey", "DKey (a)", "HTry b", "ncounter_key", "tcounter", "?unknown",
        ]
        var session = try StartedSession.running()
        let events = try session.receive(Bytes.message("E", fields.flatMap(Bytes.text) + [0]) + Bytes.ready())
        let error = PostgresError(
            severity: "ERROR", code: "23505", message: "double\nkey", detail: "Key (a)", hint: "Try b",
            constraint: "counter_key")
        #expect(events == [.failed(error)])
        #expect(error.sqlClass == "23")
        #expect("\(error)" == "ERROR 23505: double key (Key (a)) (Try b)")
    }

    @Test("the severity of a server before version 9.6 is read")
    func oldSeverity() throws {
        var session = try StartedSession.ready()
        let fields = ["SFATAL", "C57P01", "Mno luck"]
        let events = try session.receive(Bytes.message("E", fields.flatMap(Bytes.text) + [0]))
        #expect(events == [.refused(StartedSession.error("57P01", "FATAL"))])
    }
}
