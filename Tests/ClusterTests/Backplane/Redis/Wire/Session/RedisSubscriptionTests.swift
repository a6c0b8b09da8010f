import Testing

@testable import Cluster

@Suite("Redis session: subscriptions")
struct RedisSubscriptionTests {
    private static let versions: [RedisProtocolVersion] = [.resp2, .resp3]

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func message(
        _ subscription: RedisSubscription, _ channel: String, pattern: String? = nil, _ payload: String
    ) -> RedisStateMachine.Event {
        .message(
            RedisMessage(
                subscription: subscription, channel: bytes(channel), pattern: pattern.map(bytes),
                payload: bytes(payload)))
    }

    /// A session that is subscribed to the channel `a`.
    private static func subscribed(_ version: RedisProtocolVersion) -> RedisStateMachine {
        var session = RedisSession.ready(version)
        _ = session.subscribe(.channel, to: [bytes("a")])
        _ = session.receive(RedisSession.notice(version, "subscribe", "a", count: 1))
        _ = session.takeOutput()
        return session
    }

    @Test("each channel is confirmed, and then the command is answered", arguments: versions)
    func subscribing(version: RedisProtocolVersion) {
        var session = RedisSession.ready(version)
        #expect(session.subscribe(.channel, to: [Self.bytes("a"), Self.bytes("b")]) == 0)
        #expect(session.subscribe(.pattern, to: [Self.bytes("a*")]) == 1)
        #expect(session.subscribe(.shard, to: [Self.bytes("sh")]) == 2)
        #expect(session.takeCommands() == ["SUBSCRIBE a b", "PSUBSCRIBE a*", "SSUBSCRIBE sh"])
        let answers =
            RedisSession.notice(version, "subscribe", "a", count: 1)
            + RedisSession.notice(version, "subscribe", "b", count: 2)
            + RedisSession.notice(version, "psubscribe", "a*", count: 3)
            + RedisSession.notice(version, "ssubscribe", "sh", count: 1)
        #expect(
            session.receive(answers) == [
                .subscribed(.channel, channel: Self.bytes("a"), count: 1),
                .subscribed(.channel, channel: Self.bytes("b"), count: 2), .answered(number: 0, .success(.null)),
                .subscribed(.pattern, channel: Self.bytes("a*"), count: 3), .answered(number: 1, .success(.null)),
                .subscribed(.shard, channel: Self.bytes("sh"), count: 1), .answered(number: 2, .success(.null)),
            ])
        #expect(session.openAnswers == 0)
    }

    @Test("messages of all three kinds arrive", arguments: versions)
    func messages(version: RedisProtocolVersion) {
        var session = Self.subscribed(version)
        let notices =
            RedisSession.notice(version, "message", "a", "hello")
            + RedisSession.notice(version, "pmessage", "a*", "a", "hello")
            + RedisSession.notice(version, "smessage", "sh", "")
        #expect(
            session.receive(notices) == [
                Self.message(.channel, "a", "hello"), Self.message(.pattern, "a", pattern: "a*", "hello"),
                Self.message(.shard, "sh", ""),
            ])
    }

    /// The answers are those of Redis 7.0.15, also to a channel that is not subscribed.
    @Test("after the last subscription, arrays are answers again", arguments: versions)
    func unsubscribing(version: RedisProtocolVersion) {
        var session = Self.subscribed(version)
        #expect(session.unsubscribe(.channel, from: [Self.bytes("zz"), Self.bytes("a")]) == 1)
        #expect(session.unsubscribe(.shard, from: [Self.bytes("sh")]) == 2)
        #expect(session.unsubscribe(.pattern, from: [Self.bytes("a*")]) == 3)
        #expect(session.ping() == 4)
        #expect(session.send(RedisCommand("LRANGE")) == 5)
        #expect(session.takeCommands() == ["UNSUBSCRIBE zz a", "SUNSUBSCRIBE sh", "PUNSUBSCRIBE a*", "PING", "LRANGE"])
        let answers =
            RedisSession.notice(version, "unsubscribe", "zz", count: 1)
            + RedisSession.notice(version, "unsubscribe", "a", count: 0)
            + RedisSession.notice(version, "sunsubscribe", "sh", count: 0)
            + RedisSession.notice(version, "punsubscribe", "a*", count: 0) + "+PONG\r\n"
            + "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n"
        let list = RESPValue.array(["message", "a", "b"].map(RESPSamples.bulk))
        #expect(
            session.receive(answers) == [
                .unsubscribed(.channel, channel: Self.bytes("zz"), count: 1),
                .unsubscribed(.channel, channel: Self.bytes("a"), count: 0), .answered(number: 1, .success(.null)),
                .unsubscribed(.shard, channel: Self.bytes("sh"), count: 0), .answered(number: 2, .success(.null)),
                .unsubscribed(.pattern, channel: Self.bytes("a*"), count: 0), .answered(number: 3, .success(.null)),
                .answered(number: 4, .success(.simple("PONG"))), .answered(number: 5, .success(list)),
            ])
    }

    @Test("PING of a subscribed connection has the same answer in both versions")
    func ping() {
        var session = Self.subscribed(.resp2)
        _ = session.ping()
        #expect(session.receive("*2\r\n$4\r\npong\r\n$0\r\n\r\n") == [.answered(number: 1, .success(.simple("PONG")))])
        session = Self.subscribed(.resp3)
        _ = session.ping()
        #expect(session.receive("+PONG\r\n") == [.answered(number: 1, .success(.simple("PONG")))])
    }

    @Test("in version 2, a subscribed connection gets an error for another command")
    func otherCommand() {
        var session = Self.subscribed(.resp2)
        _ = session.send(RedisCommand("GET", "a"))
        let text = "Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed"
        let events = session.receive(RedisSession.notice(.resp2, "message", "a", "x") + "-ERR \(text)\r\n")
        #expect(
            events == [
                Self.message(.channel, "a", "x"), .answered(number: 1, .failure(RedisSession.error("ERR", text))),
            ])
    }

    @Test("in version 3, a subscribed connection sends other commands, and messages come between their answers")
    func otherCommands() {
        var session = Self.subscribed(.resp3)
        #expect(session.send(RedisCommand("PUBLISH", "a", "x")) == 1)
        #expect(session.send(RedisCommand("LRANGE", "l", "0", "-1")) == 2)
        let events = session.receive(RedisSession.notice(.resp3, "message", "a", "x") + ":1\r\n*1\r\n$1\r\na\r\n")
        #expect(
            events == [
                Self.message(.channel, "a", "x"), .answered(number: 1, .success(.integer(1))),
                .answered(number: 2, .success(.array([RESPSamples.bulk("a")]))),
            ])
    }

    @Test("a transaction's own messages come before its answer")
    func transaction() {
        var session = Self.subscribed(.resp3)
        _ = session.send(RedisCommand("EXEC"))
        #expect(
            session.receive(RESPSamples.exec) == [
                Self.message(.channel, "a", "1"), Self.message(.pattern, "a", pattern: "a*", "1"),
                Self.message(.shard, "sh", "2"),
                .answered(number: 1, .success(.array([.integer(2), .integer(1), .null]))),
            ])
    }

    @Test("a refused subscription is an answer, and the next command's answer is its own", arguments: versions)
    func refused(version: RedisProtocolVersion) {
        var session = RedisSession.ready(version)
        _ = session.subscribe(.channel, to: [Self.bytes("ok"), Self.bytes("no")])
        _ = session.subscribe(.shard, to: [Self.bytes("foo")])
        _ = session.subscribe(.channel, to: [Self.bytes("ok")])
        let permission = "this user has no permissions to access one of the channels used as arguments"
        let answers =
            "-NOPERM \(permission)\r\n-MOVED 12182 127.0.0.1:39295\r\n"
            + RedisSession.notice(version, "subscribe", "ok", count: 1)
        #expect(
            session.receive(answers) == [
                .answered(number: 0, .failure(RedisSession.error("NOPERM", permission))),
                .answered(number: 1, .failure(RedisSession.error("MOVED", "12182 127.0.0.1:39295"))),
                .subscribed(.channel, channel: Self.bytes("ok"), count: 1), .answered(number: 2, .success(.null)),
            ])
    }

    @Test("a sharded subscription may end without a command", arguments: versions)
    func lostSlot(version: RedisProtocolVersion) {
        var session = RedisSession.ready(version)
        _ = session.subscribe(.shard, to: [Self.bytes("bar"), Self.bytes("baz")])
        _ = session.receive(
            RedisSession.notice(version, "ssubscribe", "bar", count: 1)
                + RedisSession.notice(version, "ssubscribe", "baz", count: 2))
        _ = session.unsubscribe(.shard, from: [Self.bytes("baz")])
        let lost = RedisSession.notice(version, "sunsubscribe", "bar", count: 1)
        #expect(session.receive(lost) == [.unsubscribed(.shard, channel: Self.bytes("bar"), count: 1)])
        #expect(session.openAnswers == 1)
        #expect(session.receive(RedisSession.notice(version, "sunsubscribe", "baz", count: 0)).count == 2)
    }

    @Test(
        "a confirmation that no command expects ends the session",
        arguments: ["subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe"])
    func unexpectedConfirmation(kind: String) {
        for version in Self.versions {
            var session = Self.subscribed(version)
            let notice = RedisSession.notice(version, kind, "b", count: 1)
            #expect(session.receive(notice) == [.failed(.unexpected(kind.uppercased()))])
        }
        var session = RedisSession.ready()
        _ = session.subscribe(.channel, to: [Self.bytes("a")])
        let other = RedisSession.notice(.resp3, "subscribe", "b", count: 1)
        #expect(session.receive(other) == [.failed(.unexpected("SUBSCRIBE"))])
        session = RedisSession.ready()
        _ = session.subscribe(.channel, to: [Self.bytes("a")])
        #expect(session.receive("+OK\r\n") == [.failed(.unexpected("SUBSCRIBE"))])
    }

    @Test("unknown pushes are ignored")
    func unknown() {
        var session = Self.subscribed(.resp3)
        // The first is recorded from client tracking.
        for push in [">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n", ">0\r\n", ">1\r\n:1\r\n", ">1\r\n$4\r\npong\r\n"] {
            #expect(session.receive(push).isEmpty)
        }
        #expect(!session.hasEnded)
    }

    @Test("in version 2, arrays that are no notices and pushes end a subscribed session")
    func unknownArray() {
        for array in ["*0\r\n", "*1\r\n:1\r\n", "*1\r\n$1\r\nx\r\n", "*2\r\n$4\r\npong\r\n$0\r\n\r\n", ">0\r\n"] {
            var session = Self.subscribed(.resp2)
            let events = session.receive(array)
            guard case .failed(.unexpected)? = events.first else {
                Issue.record("\(events)")
                continue
            }
        }
    }

    @Test(
        "a notice without its form ends the session",
        arguments: [
            "*2\r\n$7\r\nmessage\r\n$1\r\na\r\n", "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n:1\r\n",
            "*3\r\n$7\r\nmessage\r\n:1\r\n$1\r\na\r\n", "*3\r\n$8\r\npmessage\r\n$1\r\na\r\n$1\r\na\r\n",
            "*4\r\n$8\r\npmessage\r\n$1\r\na\r\n$1\r\na\r\n_\r\n", "*2\r\n$8\r\nsmessage\r\n$1\r\na\r\n",
            "*2\r\n$9\r\nsubscribe\r\n$1\r\na\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n$1\r\n1\r\n",
            "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:-1\r\n", "*3\r\n$11\r\nunsubscribe\r\n_\r\n:0\r\n",
        ])
    func malformed(array: String) {
        for version in Self.versions {
            var session = Self.subscribed(version)
            let notice = version == .resp2 ? array : ">" + array.dropFirst()
            let events = session.receive(notice)
            guard case .failed(.unexpected(let kind))? = events.first else {
                Issue.record("\(events)")
                continue
            }
            #expect(array.contains(kind))
        }
    }

    @Test("counts of any size do not trap")
    func counts() {
        var session = RedisSession.ready(.resp2)
        _ = session.subscribe(.channel, to: [[1]])
        _ = session.subscribe(.shard, to: [[1]])
        let answers =
            RedisSession.notice(.resp2, "subscribe", "\u{1}", count: .max)
            + RedisSession.notice(.resp2, "ssubscribe", "\u{1}", count: .max)
            + RedisSession.notice(.resp2, "message", "\u{1}", "x")
        #expect(session.receive(answers).count == 5)
    }
}
