import Testing

@testable import Persistence

@Suite("PostgreSQL session: a server that breaks the protocol")
struct PostgresHostileTests {
    private typealias Bytes = ServerBytes

    /// The headers are refused although their bodies have not arrived.
    @Test("an impossible or excessive length is refused at once")
    func lengths() throws {
        let started = PostgresLimits().message
        let rows = Bytes.parsed + Bytes.bound
        for length in [0, 1, 2, 3, started + 1, Int(Int32.max), -1] {
            var session = try StartedSession.running()
            let error = PostgresProtocolError.badLength("dataRow", length & 0xFFFF_FFFF)
            #expect(throws: error) { try session.receive(rows + [0x44] + Bytes.int32(Int32(length))) }
        }
        var session = try StartedSession.running()
        #expect(try session.receive(rows + [0x44] + Bytes.int32(Int32(started))).isEmpty)
        for (kind, length) in [("R", 16385), ("E", 16385), ("R", 5), ("E", 3)] as [(Unicode.Scalar, Int32)] {
            session = StartedSession.authenticating()
            #expect(throws: PostgresProtocolError.self) {
                try session.receive([UInt8(ascii: kind)] + Bytes.int32(length))
            }
        }
        session = StartedSession.authenticating()
        #expect(try session.receive([UInt8(ascii: "E")] + Bytes.int32(16384)).isEmpty)
    }

    @Test(
        "a message of fixed length has that length",
        arguments: ["1", "2", "3", "n", "I", "s", "Z", "K"] as [Unicode.Scalar])
    func fixedLengths(kind: Unicode.Scalar) throws {
        for length in [4, 5, 6, 11, 12, 13] where length != ["Z": 5, "K": 12][kind, default: 4] {
            var session = try StartedSession.running()
            let error = #expect(throws: PostgresProtocolError.self) {
                try session.receive([UInt8(ascii: kind)] + Bytes.int32(Int32(length)))
            }
            guard case .badLength(_, length) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test("a byte with which no message begins is refused")
    func unknown() throws {
        let known = "RK23CWGHDIEnNASs1ZT".utf8
        for byte in UInt8.min...UInt8.max where !known.contains(byte) {
            var session = try StartedSession.running()
            #expect(throws: PostgresProtocolError.unknownMessage(byte)) { try session.receive([byte, 0, 0, 0, 4]) }
        }
        var session = StartedSession.authenticating()
        #expect(throws: PostgresProtocolError.self) { try session.receive(Array("HTTP/1.1 400 Bad Request".utf8)) }
    }

    /// All messages, complete and valid.
    private static let all: [(kind: String, bytes: [UInt8])] = [
        ("authentication", Bytes.accepted), ("backendKeyData", Bytes.key), ("bindComplete", Bytes.bound),
        ("closeComplete", Bytes.closed), ("commandComplete", Bytes.complete("A")), ("dataRow", Bytes.row(["a"])),
        ("emptyQueryResponse", Bytes.empty), ("noData", Bytes.noData), ("parseComplete", Bytes.parsed),
        ("portalSuspended", Bytes.message("s")), ("readyForQuery", Bytes.ready()),
        ("rowDescription", Bytes.columns(["a"])),
    ]

    @Test("in each phase, all messages but the expected ones are refused")
    func unexpected() throws {
        let extended = { (bytes: [UInt8], name: String) -> PostgresStateMachine in
            var session = try StartedSession.running(PostgresStatement("SELECT", name: name))
            _ = try session.receive(bytes)
            return session
        }
        let script = { (bytes: [UInt8]) -> PostgresStateMachine in
            var session = try StartedSession.running(.simple("SELECT"))
            _ = try session.receive(bytes)
            return session
        }
        var starting = StartedSession.authenticating()
        _ = try starting.receive(Bytes.accepted)
        let bound = Bytes.parsed + Bytes.bound
        let phases: [(PostgresStateMachine, Set<String>)] = [
            (StartedSession.created(), []),
            (StartedSession.authenticating(), ["authentication"]),
            (starting, ["backendKeyData", "readyForQuery"]),
            (try StartedSession.ready(), []),
            (try extended([], "one"), ["closeComplete"]),
            (try extended(Bytes.closed, "one"), ["parseComplete"]),
            (try extended([], ""), ["parseComplete"]),
            (try extended(Bytes.parsed, ""), ["bindComplete"]),
            (
                try extended(bound, ""),
                ["commandComplete", "dataRow", "emptyQueryResponse", "noData", "rowDescription"]
            ),
            (try extended(bound + Bytes.row(["b"]), ""), ["commandComplete", "dataRow", "emptyQueryResponse"]),
            (try extended(bound + Bytes.complete("A"), ""), ["readyForQuery"]),
            (try extended(bound + Bytes.error("23505"), ""), ["readyForQuery"]),
            (try script([]), ["commandComplete", "emptyQueryResponse", "rowDescription"]),
            (try script(Bytes.columns(["a"])), ["commandComplete", "dataRow", "emptyQueryResponse"]),
            (try script(Bytes.complete("A")), ["commandComplete", "readyForQuery", "rowDescription"]),
        ]
        for (session, expected) in phases {
            for (kind, bytes) in Self.all {
                var session = session
                if expected.contains(kind) {
                    #expect(throws: Never.self) { try session.receive(bytes) }
                } else {
                    #expect(throws: PostgresProtocolError.unexpectedMessage(kind)) { try session.receive(bytes) }
                    #expect(session.hasEnded)
                }
            }
        }
    }

    @Test("an error of an idle session, and a second one of a statement, are refused unless they are fatal")
    func unexpectedError() throws {
        var session = try StartedSession.ready()
        let error = PostgresProtocolError.unexpectedMessage("errorResponse")
        #expect(throws: error) { try session.receive(Bytes.error("23505")) }
        session = try StartedSession.running()
        #expect(throws: error) { try session.receive(Bytes.error("23505") + Bytes.error("23505")) }
        session = StartedSession.authenticating()
        #expect(throws: PostgresProtocolError.unexpectedMessage("noticeResponse")) {
            try session.receive(Bytes.error("01000", "WARNING", kind: "N"))
        }
    }

    @Test("a statement that copies data ends the session", arguments: ["G", "H", "W"] as [Unicode.Scalar])
    func copying(kind: Unicode.Scalar) throws {
        let copy = Bytes.message(kind, [0, 0, 1, 0, 0])
        var session = try StartedSession.running(.simple("COPY a FROM STDIN"))
        #expect(throws: PostgresProtocolError.copying) { try session.receive(copy) }
        session = try StartedSession.running()
        #expect(throws: PostgresProtocolError.copying) { try session.receive(Bytes.parsed + Bytes.bound + copy) }
    }

    @Test("counts and texts that do not fit into their message are refused")
    func malformed() throws {
        let rows: [[UInt8]] = [
            [], [0], [0, 1], [0, 1, 0, 0, 0], [0, 1, 0, 0, 0, 1], [0, 1, 0, 0, 0, 1, 1, 1], [0, 0, 0],
            [255, 255], [127, 255], [0, 1, 127, 255, 255, 255], [0, 1, 255, 255, 255, 254, 1],
            [0, 2, 255, 255, 255, 255],
        ]
        let bodies: [(Unicode.Scalar, [[UInt8]])] = [
            ("D", rows), ("C", [[], [65], [65, 0, 0]]),
            ("T", [[], [0], [0, 1], [255, 255], [127, 255], Array(Bytes.columns(["a"], format: 1).dropFirst(5))]),
            ("S", [[65, 0], [65, 0, 65], [0, 0, 0]]),
            ("A", [[], [0, 0, 0, 1], [0, 0, 0, 1, 0], [0, 0, 0, 1, 0, 0, 0]]),
            ("N", [[], [0], [83, 65], [83, 65, 0], Bytes.text("SA") + Bytes.text("MB") + [0], [0, 0]]),
            ("E", [[], [0], [83, 65], Bytes.text("SA") + Bytes.text("C00000") + [0]]),
        ]
        for (kind, bodies) in bodies {
            for body in bodies {
                var session = try StartedSession.running(kind == "T" ? .simple("SELECT") : PostgresStatement("SELECT"))
                if kind != "T" { _ = try session.receive(Bytes.parsed + Bytes.bound) }
                let error = #expect(throws: PostgresProtocolError.self) {
                    try session.receive(Bytes.message(kind, body))
                }
                let isLength = if case .badLength = error { true } else { false }
                let isMalformed = if case .malformedMessage = error { true } else { false }
                #expect(isMalformed || isLength && kind == "S", "\(kind) \(body): \(String(describing: error))")
            }
        }
        for code in [5, 10] as [Int32] {
            for body in [[], [1, 2, 3], [1, 2, 3, 4, 5], [65, 0]] as [[UInt8]] {
                var session = StartedSession.authenticating(password: "secret")
                #expect(throws: PostgresProtocolError.malformedMessage("authentication")) {
                    try session.receive(Bytes.authentication(code, body))
                }
            }
        }
        var session = try StartedSession.running()
        #expect(throws: PostgresProtocolError.malformedMessage("readyForQuery")) {
            try session.receive(Bytes.error("23505") + Bytes.ready("X"))
        }
    }

    @Test("the rows of one result have the same number of columns")
    func columns() throws {
        var session = try StartedSession.running()
        #expect(throws: PostgresProtocolError.malformedMessage("dataRow")) {
            try session.receive(Bytes.parsed + Bytes.bound + Bytes.row(["a"]) + Bytes.row(["a", "b"]))
        }
        session = try StartedSession.running(.simple("SELECT"))
        #expect(throws: PostgresProtocolError.malformedMessage("dataRow")) {
            try session.receive(Bytes.columns(["a"]) + Bytes.row([]))
        }
    }

    @Test("a result, a script's results and the settings are bounded")
    func bounded() throws {
        var limits = PostgresLimits()
        limits.result = 1000
        limits.settings = 2
        // A row takes 40 bytes, and its value 40 and its length.
        let rows = Bytes.parsed + Bytes.bound + (0..<10).flatMap { _ in Bytes.row(["01234567890123456789"]) }
        var session = try StartedSession.running(limits: limits)
        #expect(try session.receive(rows + Bytes.complete("SELECT 10") + Bytes.ready()).count == 1)
        session.send(PostgresStatement("SELECT"))
        #expect(throws: PostgresProtocolError.resultTooLarge(limit: 1000)) {
            try session.receive(rows + Bytes.row(["a"]))
        }
        limits.result = 999
        session = try StartedSession.running(limits: limits)
        #expect(throws: PostgresProtocolError.resultTooLarge(limit: 999)) { try session.receive(rows) }
        // The rows of a script's earlier statements are dropped.
        session = try StartedSession.running(.simple("SELECT"), limits: limits)
        let select = Bytes.columns(["a"]) + (0..<12).flatMap { _ in Bytes.row(["a"]) } + Bytes.complete("SELECT 12")
        #expect(try session.receive(select + select + select + Bytes.ready()).count == 1)
        #expect(try session.receive(Bytes.setting("a", "1") + Bytes.setting("b", "1") + Bytes.setting("a", "2")) == [])
        #expect(throws: PostgresProtocolError.tooManySettings(limit: 2)) { try session.receive(Bytes.setting("c", "")) }
    }
}
