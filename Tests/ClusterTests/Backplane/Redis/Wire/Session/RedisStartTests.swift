import Testing

@testable import Cluster

@Suite("Redis session: the start")
struct RedisStartTests {
    private typealias Identity = RedisStateMachine.Identity
    private static let full = Identity(user: "alice", password: "secret", database: 3, clientName: "me")

    @Test("HELLO authenticates and sets the name, and then the database is selected")
    func hello() {
        var session = RedisStateMachine(Self.full)
        session.start()
        #expect(session.takeCommands() == ["HELLO 3 AUTH alice secret SETNAME me"])
        #expect(session.receive(RedisSession.hello).isEmpty)
        #expect(session.takeCommands() == ["SELECT 3", "PING"])
        #expect(!session.isReady)
        #expect(session.receive("+OK\r\n+PONG\r\n") == [.ready(RedisSession.server3)])
        #expect(session.isReady && session.openAnswers == 0)
    }

    @Test(
        "only what is needed is sent",
        arguments: [
            (Identity(), "HELLO 3", ["PING"]),
            (Identity(password: "secret"), "HELLO 3 AUTH default secret", ["PING"]),
            (Identity(user: "alice", password: ""), "HELLO 3 AUTH alice ", ["PING"]),
            (Identity(clientName: "me"), "HELLO 3 SETNAME me", ["PING"]),
            (Identity(database: 9), "HELLO 3", ["SELECT 9", "PING"]),
        ])
    func parts(identity: RedisStateMachine.Identity, first: String, then: [String]) {
        var session = RedisStateMachine(identity)
        session.start()
        #expect(session.takeCommands() == [first])
        _ = session.receive(RedisSession.hello)
        #expect(session.takeCommands() == then)
    }

    @Test(
        "a server that does not know HELLO, or version 3, gets single commands",
        arguments: [
            RedisSession.unknownHello, "-ERR unknown command 'HELLO'\r\n",
            "-ERR unknown command `HELLO`, with args beginning with: `3`, \r\n",
            "-NOPROTO unsupported protocol version\r\n",
        ])
    func fallback(answer: String) {
        var session = RedisSession.starting(Self.full)
        #expect(session.receive(answer).isEmpty)
        #expect(session.takeCommands() == ["AUTH alice secret", "CLIENT SETNAME me", "SELECT 3", "INFO", "PING"])
        let events = session.receive("+OK\r\n+OK\r\n+OK\r\n" + RedisSession.info + "+PONG\r\n")
        #expect(events == [.ready(RedisSession.server2)])
    }

    @Test("version 2 begins without HELLO, and without a user as servers before version 6 want it")
    func version2() {
        var session = RedisStateMachine(Identity(password: "secret", protocolVersion: .resp2))
        session.start()
        #expect(session.takeCommands() == ["AUTH secret", "INFO", "PING"])
        #expect(session.receive("+OK\r\n" + RedisSession.info + "+PONG\r\n") == [.ready(RedisSession.server2)])
    }

    @Test("without permission for INFO or a name, the session starts all the same")
    func optional() {
        var session = RedisSession.starting(Identity(clientName: "me", protocolVersion: .resp2))
        let nothing = RedisServer(version: nil, mode: nil, role: nil, protocolVersion: .resp2)
        let events = session.receive(
            "-NOPERM this user has no permissions to run the 'client|setname' command\r\n"
                + "-NOPERM this user has no permissions to run the 'info' command\r\n+PONG\r\n")
        #expect(events == [.ready(nothing)])
    }

    @Test("the server's facts are those of a replica, a cluster or a Sentinel")
    func facts() {
        for (old, new, expected) in [
            (
                "$6\r\nmaster", "$7\r\nreplica",
                RedisServer(version: "7.0.15", mode: .standalone, role: .replica, protocolVersion: .resp3)
            ),
            (
                "$10\r\nstandalone", "$7\r\ncluster",
                RedisServer(version: "7.0.15", mode: .cluster, role: .master, protocolVersion: .resp3)
            ),
            (
                "$10\r\nstandalone", "$5\r\nother",
                RedisServer(version: "7.0.15", mode: nil, role: .master, protocolVersion: .resp3)
            ),
        ] {
            var session = RedisSession.starting()
            #expect(session.receive(RedisSession.hello.replacing(old, with: new) + "+PONG\r\n") == [.ready(expected)])
        }
        var session = RedisSession.starting()
        let sentinel =
            "%6\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:3\r\n"
            + "$2\r\nid\r\n:4\r\n$4\r\nmode\r\n$8\r\nsentinel\r\n$7\r\nmodules\r\n*0\r\n+PONG\r\n"
        let expected = RedisServer(version: "7.0.15", mode: .sentinel, role: nil, protocolVersion: .resp3)
        #expect(session.receive(sentinel) == [.ready(expected)])
        session = RedisSession.starting(Identity(protocolVersion: .resp2))
        let info = RedisSession.bulk("redis_version:5.0.1\r\nredis_mode:cluster\r\nrole:slave\r\n:\r\nx\r\n")
        let replica = RedisServer(version: "5.0.1", mode: .cluster, role: .replica, protocolVersion: .resp2)
        #expect(session.receive(info + "+PONG\r\n") == [.ready(replica)])
    }

    /// The texts are those of Redis 7.0.15, and of version 5 in the last two rows.
    @Test(
        "a refused user, password or permission is an error of authentication",
        arguments: [
            (.resp3, "", "NOAUTH HELLO must be called with the client already authenticated"),
            (.resp3, "", "WRONGPASS invalid username-password pair or user is disabled."),
            (.resp3, RedisSession.hello, "NOPERM this user has no permissions to run the 'select' command"),
            (.resp3, RedisSession.hello + "+OK\r\n", "NOPERM this user has no permissions to run the 'ping' command"),
            (.resp2, "", "WRONGPASS invalid username-password pair or user is disabled."),
            (.resp2, "", "ERR AUTH <password> called without any password configured for the default user."),
            (.resp2, "", "ERR invalid password"), (.resp2, "", "ERR Client sent AUTH, but no password is set"),
        ] as [(RedisProtocolVersion, String, String)])
    func refusedAuthentication(version: RedisProtocolVersion, before: String, text: String) {
        let identity = Identity(user: "alice", password: "secret", database: 1, protocolVersion: version)
        var session = RedisSession.starting(identity)
        let events = session.receive(before + "-\(text)\r\n")
        let failure = RedisFailure.authentication(RedisError(Array(text.utf8)[...]))
        #expect(events == [.failed(failure)])
        #expect(session.hasEnded && !failure.isRetryable && !"\(failure)".contains("\n"))
    }

    @Test(
        "another refusal tells whether to try again",
        arguments: [
            ("", "ERR max number of clients reached", true),
            ("", "DENIED Redis is running in protected mode because protected mode is enabled", false),
            ("", "ERR Client names cannot contain spaces, newlines or special characters.", false),
            (RedisSession.hello, "ERR DB index is out of range", false),
            (RedisSession.hello, "ERR SELECT is not allowed in cluster mode", false),
            (RedisSession.hello + "+OK\r\n", "LOADING Redis is loading the dataset in memory", true),
            (
                RedisSession.hello + "+OK\r\n",
                "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", true
            ),
            (
                RedisSession.hello,
                "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", true
            ),
        ])
    func refused(before: String, text: String, isRetryable: Bool) {
        var session = RedisSession.starting(Identity(database: 1))
        let failure = RedisFailure.refused(RedisError(Array(text.utf8)[...]))
        #expect(session.receive(before + "-\(text)\r\n+OK\r\n") == [.failed(failure)])
        #expect(session.hasEnded && failure.isRetryable == isRetryable)
        #expect(session.receive("+OK\r\n").isEmpty)
    }

    @Test("an error that repeats the password is not shown, at the start and later")
    func secret() throws {
        let identity = Identity(password: "secret")
        var starting = RedisSession.starting(identity)
        var ready = RedisSession.starting(identity)
        _ = ready.receive(RedisSession.hello + "+PONG\r\n")
        _ = ready.send(RedisCommand("ROLE"))
        for events in [starting.receive("-ERR what is secret?\r\n"), ready.receive("-ERR what is secret?\r\n")] {
            #expect(events.count == 1 && "\(events)".contains("what is ***?"))
        }
    }

    @Test("a server that speaks first may refuse the connection")
    func early() {
        var session = RedisStateMachine(Identity())
        let failure = RedisFailure.refused(RedisSession.error("ERR", "max number of clients reached"))
        #expect(session.receive("-ERR max number of clients reached\r\n") == [.failed(failure)])
        session = RedisStateMachine(Identity())
        #expect(session.receive("+OK\r\n") == [.failed(.unexpected("before the first command"))])
    }

    @Test(
        "an answer that does not fit its command ends the session",
        arguments: [
            ("+OK\r\n", "HELLO"), ("*0\r\n", "HELLO"), ("%1\r\n+proto\r\n:2\r\n", "HELLO"),
            ("*3\r\n$1\r\na\r\n$1\r\nb\r\n$5\r\nproto\r\n", "HELLO"), (RedisSession.hello + "+PONG\r\n", "SELECT"),
            (RedisSession.hello + "+OK\r\n+OK\r\n", "PING"), (RedisSession.hello + "+OK\r\n_\r\n", "PING"),
        ])
    func unexpected(answers: String, step: String) {
        var session = RedisSession.starting(Identity(database: 1))
        #expect(session.receive(answers) == [.failed(.unexpected(step))])
    }

    @Test("another protocol's server is recognized")
    func otherServer() {
        for text in ["HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail ready\r\n", "\u{15}\u{3}\u{1}"] {
            var session = RedisSession.starting()
            let byte = text.utf8.first ?? 0
            #expect(session.receive(text) == [.failed(.malformed(.unknownKind(byte)))])
        }
    }

    @Test("pushes during the start are ignored")
    func pushes() {
        var session = RedisSession.starting()
        let push = ">2\r\n$10\r\ninvalidate\r\n_\r\n"
        #expect(session.receive(push + RedisSession.hello + push + "+PONG\r\n") == [.ready(RedisSession.server3)])
    }

    @Test("the identity's description has no password")
    func description() {
        #expect("\(Self.full)" == "alice@3" && "\(Identity(password: "secret"))" == "default@0")
    }
}
