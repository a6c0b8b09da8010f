import Testing

@testable import Cluster

@Suite("Redis session: commands")
struct RedisPipelineTests {
    private static let get = RedisCommand("GET", "key")

    @Test("answers belong to the commands in order", arguments: [.resp2, .resp3] as [RedisProtocolVersion])
    func order(version: RedisProtocolVersion) {
        var session = RedisSession.ready(version)
        #expect(session.send(Self.get) == 0 && session.send(Self.get) == 1 && session.ping() == 2)
        #expect(session.takeCommands() == ["GET key", "GET key", "PING"])
        #expect(session.openAnswers == 3)
        let wrongKind = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
        #expect(
            session.receive("$1\r\na\r\n" + wrongKind + "+PO") == [
                .answered(number: 0, .success(.bulk([0x61]))),
                .answered(
                    number: 1,
                    .failure(RedisSession.error("WRONGTYPE", "Operation against a key holding the wrong kind of value"))
                ),
            ])
        #expect(session.openAnswers == 1)
        #expect(session.receive("NG\r\n") == [.answered(number: 2, .success(.simple("PONG")))])
        #expect(session.send(Self.get) == 3 && session.openAnswers == 1)
    }

    @Test("a transaction's answer is one array, and its errors are elements")
    func transaction() {
        var session = RedisSession.ready()
        for command in ["MULTI", "INCR", "LPUSH", "EXEC"] { _ = session.send(RedisCommand(command)) }
        let events = session.receive("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n-WRONGTYPE wrong\r\n")
        #expect(events.count == 4)
        let error = RedisSession.error("WRONGTYPE", "wrong")
        #expect(events.last == .answered(number: 3, .success(.array([.integer(1), .error(error)]))))
    }

    @Test("errors that demand another server have their kinds")
    func redirections() {
        var session = RedisSession.ready()
        let texts = ["MOVED 12182 127.0.0.1:39295", "READONLY You can't write against a read only replica."]
        for _ in texts { _ = session.send(Self.get) }
        let kinds = session.receive(texts.map { "-\($0)\r\n" }.joined()).map { event in
            if case .answered(_, .failure(let error)) = event { error.kind } else { RedisError.Kind.other }
        }
        #expect(kinds == [.moved(RedisRedirection(slot: 12182, host: "127.0.0.1", port: 39295)), .readOnly])
        #expect(!session.hasEnded)
    }

    @Test("the number of open answers is bounded")
    func bounded() {
        var session = RedisSession.ready(maxOpenAnswers: 2)
        #expect(session.room == 2)
        _ = session.send(Self.get)
        _ = session.ping()
        #expect(session.room == 0 && session.openAnswers == 2)
        #expect(session.ping() == nil && session.openAnswers == 2)
        _ = session.receive("_\r\n")
        #expect(session.room == 1)
    }

    @Test("any number of commands is answered in order")
    func many() {
        var session = RedisSession.ready(maxOpenAnswers: 7)
        var (sent, answered) = (0, 0)
        while answered < 5000 {
            while session.room > 0 {
                #expect(session.send(Self.get) == UInt64(sent))
                sent += 1
            }
            for event in session.receive(":\(answered)\r\n:\(answered + 1)\r\n:\(answered + 2)\r\n") {
                #expect(event == .answered(number: UInt64(answered), .success(.integer(Int64(answered)))))
                answered += 1
            }
        }
    }

    @Test("a value without a command ends the session")
    func unexpected() {
        var session = RedisSession.ready()
        #expect(session.receive("+OK\r\n") == [.failed(.unexpected("an answer without a command"))])
        #expect(session.hasEnded)
        session = RedisSession.ready()
        let error = RedisSession.error("ERR", "Protocol error: expected '$', got '!'")
        #expect(session.receive("-ERR Protocol error: expected '$', got '!'\r\n") == [.failed(.refused(error))])
    }

    @Test("events before an error are kept, and nothing happens after it")
    func malformed() {
        var session = RedisSession.ready()
        _ = session.send(Self.get)
        _ = session.send(Self.get)
        let events = session.receive(":1\r\n?")
        #expect(
            events == [
                .answered(number: 0, .success(.integer(1))), .failed(.malformed(.unknownKind(UInt8(ascii: "?")))),
            ])
        #expect(session.hasEnded && session.openAnswers == 0)
        #expect(session.receive(":1\r\n").isEmpty)
        _ = session.takeOutput()
        #expect(session.send(Self.get) == nil && session.ping() == nil && session.takeOutput().isEmpty)
        #expect(session.subscribe(.channel, to: [[1]]) == nil && session.openAnswers == 0)
    }

    @Test("a session that was ended ignores its input")
    func ended() {
        var session = RedisSession.ready()
        _ = session.send(Self.get)
        session.end()
        #expect(session.hasEnded && !session.isReady && session.receive(":1\r\n").isEmpty)
    }

    @Test("the failures' descriptions are one line")
    func descriptions() {
        let error = RedisSession.error("ERR", "a\nb")
        let failures: [RedisFailure] = [
            .malformed(.tooDeep(limit: 1)), .unexpected("PING"), .authentication(error), .refused(error),
        ]
        #expect(Set(failures.map { "\($0)" }).count == failures.count)
        #expect(!failures.contains { "\($0)".contains("\n") })
    }
}
