import Testing

@testable import Persistence

@Suite("PostgreSQL session: statements in a pipeline")
struct PostgresPipelineTests {
    private typealias Bytes = ServerBytes

    private static let end = Bytes.bound + Bytes.complete("SELECT 0") + Bytes.ready()

    /// The names of the messages in the output.
    private func kinds(_ session: inout PostgresStateMachine) -> String {
        var rest = session.takeOutput()[...]
        var kinds = ""
        while let kind = rest.first {
            kinds.unicodeScalars.append(Unicode.Scalar(kind))
            let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(1 + length)
        }
        return kinds
    }

    @Test("each statement is a transaction of its own, and results come in order")
    func order() throws {
        var session = try StartedSession.ready()
        for number in 1...3 { session.send(PostgresStatement("SELECT \(number)")) }
        #expect(kinds(&session) == "PBESPBESPBES")
        #expect(session.room == PostgresStateMachine.pipelineLimit - 3)
        var events = try session.receive(Bytes.parsed + Bytes.bound + Bytes.row(["a"]) + Bytes.complete("SELECT 1"))
        #expect(events.isEmpty)
        events = try session.receive(Bytes.ready() + Bytes.parsed + Self.end + Bytes.parsed)
        #expect(events == [StartedSession.result([["a"]], "SELECT 1"), StartedSession.result([], "SELECT 0")])
        #expect(!session.isIdle)
        events = try session.receive(Self.end)
        #expect(events == [StartedSession.result([], "SELECT 0")] && session.isIdle)
    }

    @Test("a statement that fails leaves the others alone")
    func failure() throws {
        var session = try StartedSession.ready()
        for number in 1...2 { session.send(PostgresStatement("SELECT \(number)")) }
        let events = try session.receive(
            Bytes.parsed + Bytes.error("22P02") + Bytes.ready() + Bytes.parsed + Self.end)
        #expect(events == [.failed(StartedSession.error("22P02")), StartedSession.result([], "SELECT 0")])
    }

    @Test("a named statement is parsed again until the server has confirmed it")
    func named() throws {
        var session = try StartedSession.ready()
        for _ in 1...2 { session.send(PostgresStatement("SELECT 1", name: "one")) }
        #expect(kinds(&session) == "CPBESCPBES")
        _ = try session.receive(Bytes.closed + Bytes.parsed + Self.end)
        session.send(PostgresStatement("SELECT 1", name: "one"))
        #expect(kinds(&session) == "BES")
        // The statement before it gives the name another meaning.
        session.send(PostgresStatement("SELECT 2", name: "one"))
        session.send(PostgresStatement("SELECT 1", name: "one"))
        #expect(kinds(&session) == "CPBESCPBES")
    }

    @Test("the number of statements in progress is bounded")
    func bounded() throws {
        var session = try StartedSession.ready()
        while session.room > 0 { session.send(PostgresStatement("SELECT 1")) }
        #expect(kinds(&session).count == 4 * PostgresStateMachine.pipelineLimit)
        _ = try session.receive(Bytes.parsed + Self.end)
        #expect(session.room == 1)
    }

    @Test("after the end of the session nothing is in progress")
    func end() throws {
        var session = try StartedSession.ready()
        for _ in 1...2 { session.send(PostgresStatement("SELECT 1")) }
        let events = try session.receive(Bytes.error("57P01", "FATAL"))
        #expect(events == [.refused(StartedSession.error("57P01", "FATAL"))])
        #expect(session.room == 0 && session.hasEnded)
    }

    @Test("binary values have a format code for the parameters and one for the result")
    func binary() throws {
        var session = try StartedSession.ready()
        session.send(PostgresStatement("SELECT $1", parameters: [[0, 1]], isBinary: true))
        let parse = Bytes.message("P", Bytes.text("") + Bytes.text("SELECT $1") + [0, 0])
        let bind = Bytes.message("B", [0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 2, 0, 1, 0, 1, 0, 1])
        #expect(session.takeOutput().starts(with: parse + bind))
    }
}
