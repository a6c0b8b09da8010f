import Testing

@testable import Cluster

@Suite("Redis errors")
struct RedisErrorTests {
    private static func error(_ text: String) -> RedisError { RedisError(Array(text.utf8)[...]) }

    /// The texts are those of Redis 7.0.15, except for those of older versions.
    @Test(
        "a server's errors have a kind, and some may be tried again",
        arguments: [
            ("NOAUTH Authentication required.", .authenticationRequired, false),
            ("WRONGPASS invalid username-password pair or user is disabled.", .wrongPassword, false),
            ("NOPERM this user has no permissions to run the 'select' command", .noPermission, false),
            ("DENIED Redis is running in protected mode because protected mode is enabled", .protectedMode, false),
            ("NOPROTO unsupported protocol version", .unknownProtocol, false),
            ("ERR unknown command 'HELLO', with args beginning with: '3' ", .unknownCommand, false),
            ("ERR unknown command 'HELLO'", .unknownCommand, false),
            ("ERR unknown command `HELLO`, with args beginning with: `3`, ", .unknownCommand, false),
            ("ERR max number of clients reached", .tooManyClients, true),
            ("ERR max number of clients + cluster connections reached", .tooManyClients, true),
            ("LOADING Redis is loading the dataset in memory", .loading, true),
            (
                "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", .masterDown, true
            ),
            ("READONLY You can't write against a read only replica.", .readOnly, true),
            ("OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory, true),
            ("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", .busy, true),
            ("NOSCRIPT No matching script. Please use EVAL.", .noScript, false),
            ("CROSSSLOT Keys in request don't hash to the same slot", .crossSlot, false),
            ("CLUSTERDOWN Hash slot not served", .clusterDown, true),
            ("TRYAGAIN Multiple keys request during rehashing of slot", .tryAgain, true),
            (
                "MOVED 12182 127.0.0.1:39295", .moved(RedisRedirection(slot: 12182, host: "127.0.0.1", port: 39295)),
                true
            ),
            (
                "MOVED 12182 redis.example:34667",
                .moved(RedisRedirection(slot: 12182, host: "redis.example", port: 34667)), true
            ),
            ("MOVED 12182 :34667", .moved(RedisRedirection(slot: 12182, host: nil, port: 34667)), true),
            ("MOVED 0 ?:1", .moved(RedisRedirection(slot: 0, host: nil, port: 1)), true),
            ("MOVED 1 fe80::1:65535", .moved(RedisRedirection(slot: 1, host: "fe80::1", port: 65535)), true),
            ("ASK 5061 127.0.0.1:33077", .ask(RedisRedirection(slot: 5061, host: "127.0.0.1", port: 33077)), true),
            ("ERR DB index is out of range", .other, false), ("ERR", .other, false), ("", .other, false),
            ("WRONGTYPE Operation against a key holding the wrong kind of value", .other, false),
            ("loading", .other, false),
        ] as [(String, RedisError.Kind, Bool)])
    func kinds(text: String, kind: RedisError.Kind, isRetryable: Bool) {
        #expect(Self.error(text).kind == kind)
        #expect(Self.error(text).isRetryable == isRetryable)
    }

    @Test(
        "a redirection without its form is an error without a meaning",
        arguments: [
            "", " ", "1", "1 ", "1 a", "1 a:", "1 a:0", "1 a:65536", "1 a:x", "x a:1", "-1 a:1", "16384 a:1", "1 a:1 b",
            "99999999999999999999 a:1",
        ])
    func redirections(text: String) {
        #expect(Self.error("MOVED \(text)").kind == .other)
        #expect(Self.error("ASK \(text)").kind == .other)
    }

    @Test("an error has a first word and a message")
    func parts() {
        let error = Self.error("WRONGTYPE Operation against a key")
        #expect(error.prefix == "WRONGTYPE" && error.message == "Operation against a key")
        #expect("\(error)" == "WRONGTYPE Operation against a key")
        #expect("\(Self.error("ERR"))" == "ERR" && Self.error("ERR").message.isEmpty)
    }

    @Test("the arguments of an unknown command are dropped, because a password may be among them")
    func arguments() {
        for text in [
            "ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'secret' ",
            "ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `secret`, ",
        ] {
            #expect(!"\(Self.error(text))".contains("secret"))
            #expect("\(Self.error(text))".hasPrefix("ERR unknown command"))
        }
    }

    @Test("the description is bounded", arguments: ["x", "é", "🏠"])
    func bounded(text: String) {
        let error = Self.error("ERR " + String(repeating: text, count: 500))
        #expect("\(error)".utf8.count <= 200 && "\(error)".hasPrefix("ERR \(text)\(text)"))
    }

    @Test("a text with the password is not shown, and keeps its meaning")
    func secret() {
        for text in ["MOVED 1 secret:1", "ERR unknown option 'secret'", "secret"] {
            let error = Self.error(text)
            #expect(!"\(error.hiding("secret"))".contains("secret"))
            #expect(error.hiding("secret").kind == error.kind)
            #expect(error.hiding("other") == error && error.hiding("") == error && error.hiding(nil) == error)
        }
    }

    @Test(
        "a short secret is hidden as a word of its own, a long one everywhere",
        arguments: [
            ("a", "NOPERM a user has no permissions", "NOPERM *** user has no permissions"),
            ("e", "ERR one e, \"e\" and e", "ERR one ***, \"***\" and ***"),
            ("user", "ERR users, superuser, user1 and user", "ERR users, superuser, user1 and ***"),
            ("user", "ERR user:user@user", "ERR ***:***@***"),
            ("über", "ERR über gäbe grüber", "ERR *** gäbe grüber"),
            ("!b!", "ERR a!b!c", "ERR a***c"),
            ("longpass", "ERR xlongpassx longpasslongpass", "ERR x***x ******"),
            ("two words", "ERR 'two words' two", "ERR '***' two"),
            ("ERR", "ERR no", "*** no"), ("ERR no", "ERR no", "***"),
        ])
    func words(secret: String, text: String, shown: String) {
        #expect("\(Self.error(text).hiding(secret))" == shown)
    }

    @Test("a text without the secret as a word is that of the server", arguments: ["r", "EDIS", "ser", "one o"])
    func noWord(secret: String) {
        let error = Self.error("ERR REDIS user one other")
        #expect(error.hiding(secret) == error)
    }

    @Test("a secret at the end of a long text is not shown in part")
    func longText() {
        let error = Self.error("ERR " + String(repeating: "x", count: 190) + " secret")
        #expect("\(error.hiding("secret"))".hasSuffix("x ***"))
    }

    @Test("the description is one line")
    func description() {
        #expect("\(Self.error("ERR one\r\ntwo\u{1B}[0m"))" == "ERR one  two [0m")
    }
}
