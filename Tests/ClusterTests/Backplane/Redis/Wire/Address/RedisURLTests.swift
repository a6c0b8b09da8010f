import Testing

@testable import Cluster

@Suite("Redis URLs")
struct RedisURLTests {
    @Test(
        "a URL has a normal form",
        arguments: [
            ("redis://", "redis://localhost:6379/0"), ("redis:///", "redis://localhost:6379/0"),
            ("redis:///3", "redis://localhost:6379/3"), ("redis://:7000", "redis://localhost:7000/0"),
            ("redis://cache", "redis://cache:6379/0"), ("redis://cache:/", "redis://cache:6379/0"),
            ("redis://cache:65535/99999", "redis://cache:65535/99999"), ("redis://cache?", "redis://cache:6379/0"),
            ("redis://:secret@cache", "redis://:***@cache:6379/0"), ("redis://@cache", "redis://cache:6379/0"),
            ("redis://:@cache", "redis://cache:6379/0"), ("redis://alice:@cache", "redis://alice:***@cache:6379/0"),
            ("redis://alice:secret@cache/1", "redis://alice:***@cache:6379/1"),
            ("redis://a%3Ab%40c:s%2F%3A%40%3F@cache", "redis://a%3Ab%40c:***@cache:6379/0"),
            ("redis://alice:se@cret:x@cache", "redis://alice:***@cache:6379/0"),
            ("redis://a,b:1,c", "redis://a:6379,b:1,c:6379/0"), ("redis://[::1]/2", "redis://[::1]:6379/2"),
            ("redis://[::1]:7,[fe80::1%25lo]", "redis://[::1]:7,[fe80::1%25lo]:6379/0"),
            ("redis://a,b?sentinel=main", "redis://a:26379,b:26379/0?sentinel=main"),
            ("redis-sharded://cache", "redis-sharded://cache:6379/0"),
            ("redis-streams://cache", "redis-streams://cache:6379/0"),
            (
                "redis-streams://h?session-prefix=s:&stream-length=5&stream=log",
                "redis-streams://h:6379/0?stream=log&stream-length=5&session-prefix=s%3A"
            ),
            ("redis://h?prefix=a%23b&protocol=2", "redis://h:6379/0?prefix=a%23b&protocol=2"),
            ("redis://h?client-name=me&client-name=you", "redis://h:6379/0?client-name=you"),
            ("redis://h?prefix=socket.io&protocol=3", "redis://h:6379/0"),
            ("redis+unix:///run/redis.sock", "redis+unix:///run/redis.sock"),
            ("redis+unix:///run/redis.sock?db=2", "redis+unix:///run/redis.sock?db=2"),
            ("redis+unix://alice:secret@/run/a%20b%3F?db=0", "redis+unix://alice:***@/run/a%20b%3F"),
            ("redis-sharded+unix:///s", "redis-sharded+unix:///s"),
            ("redis-streams+unix:///s?stream=t", "redis-streams+unix:///s?stream=t"),
        ])
    func normalForm(text: String, form: String) throws {
        let url = try RedisURL(text)
        #expect(url.description == form)
        // The normal form means the same, except for the password.
        let again = try RedisURL(form)
        #expect(again.servers == url.servers && again.delivery == url.delivery && again.description == form)
        #expect(again.identity.user == url.identity.user && again.identity.database == url.identity.database)
    }

    @Test("servers are host names, addresses or a socket")
    func servers() throws {
        #expect(
            try RedisURL("redis://cache,[fe80::1%25lo]:7,10.0.0.1").servers == [
                .tcp(host: "cache", port: 6379), .tcp(host: "fe80::1%lo", port: 7), .tcp(host: "10.0.0.1", port: 6379),
            ])
        #expect(try RedisURL("redis+unix:///run/a%2Fb").servers == [.socket(path: "/run/a/b")])
    }

    @Test(
        "a malformed URL is refused",
        arguments: [
            ("", .badScheme), ("redis", .badScheme), ("redis:", .badScheme), ("redis:/h", .badScheme),
            ("REDIS://h", .badScheme), ("postgres://h", .badScheme), ("redis+ssl://h", .badScheme),
            ("redis-cluster://h", .badScheme), ("+unix:///s", .badScheme), ("h:6379", .badScheme),
            ("rediss://h", .encryption), ("rediss-streams://u:p@h", .encryption), ("rediss+unix:///s", .encryption),
            ("redis://h:0", .badPort), ("redis://h:65536", .badPort), ("redis://h:-1", .badPort),
            ("redis://h:x", .badPort), ("redis://u:pa/ss@h", .badPort), ("redis://h:1234567890", .badPort),
            ("redis://a:1:2", .badHost(1)), ("redis://a,::1", .badHost(2)), ("redis://a%3A1", .badHost(1)),
            ("redis://[::1", .badHost(1)),
            ("redis://[::1]x", .badHost(1)), ("redis://[a]", .badHost(1)), ("redis://[1.2.3.4]", .badHost(1)),
            ("redis://a,,b", .badHost(2)), ("redis://a,", .badHost(2)), ("redis://a b", .badHost(1)),
            ("redis://a,b%0A", .badHost(2)), ("redis://%", .badEncoding), ("redis://a%2", .badEncoding),
            ("redis://a%zz", .badEncoding), ("redis://a%00", .badEncoding), ("redis://u%FF:p@a", .badEncoding),
            ("redis://u:p%@a", .badEncoding), ("redis://a/%", .badEncoding), ("redis://a?prefix=%C3", .badEncoding),
            ("redis://h/x", .badDatabase), ("redis://h/-1", .badDatabase), ("redis://h/100000", .badDatabase),
            ("redis://h/1/", .badDatabase), ("redis:///run/redis.sock", .badDatabase),
            ("redis://alice@h", .missingPassword), ("redis+unix://alice@/s", .missingPassword),
            ("redis+unix://", .badSocket), ("redis+unix:///", .badSocket), ("redis+unix://h/s", .badSocket),
            ("redis+unix://?db=1", .badSocket), ("redis+unix:///\(String(repeating: "a", count: 107))", .badSocket),
            ("redis://a?x", .parameterWithoutValue), ("redis://a?tls=1", .unknownParameter("tls")),
            ("redis://a?a%0Ab=x", .unknownParameter("a%0Ab")), ("redis://u:pass?word=x@h", .unknownParameter(nil)),
            ("redis://u:pa/ss?word=x@h", .unknownParameter(nil)), ("redis://u:pass?word@h", .parameterWithoutValue),
            ("redis://a?db=1", .inapplicableParameter("db", scheme: "redis")),
            ("redis+unix:///s?sentinel=m", .inapplicableParameter("sentinel", scheme: "redis+unix")),
            ("redis://a?stream=s", .inapplicableParameter("stream", scheme: "redis")),
            ("redis-sharded://a?stream-length=1", .inapplicableParameter("stream-length", scheme: "redis-sharded")),
            ("redis://a?session-prefix=1", .inapplicableParameter("session-prefix", scheme: "redis")),
            ("redis://a?protocol=4", .badValue(parameter: "protocol", expected: "2 or 3")),
            ("redis://a?prefix=", .badValue(parameter: "prefix", expected: "a text of at least one character")),
            ("redis://a?sentinel=", .badValue(parameter: "sentinel", expected: "a text of at least one character")),
            ("redis+unix:///s?db=x", .badValue(parameter: "db", expected: "a number from 0 to 99999")),
            (
                "redis-streams://a?stream-length=0",
                .badValue(parameter: "stream-length", expected: "a number from 1 to 999999999")
            ),
            (
                "redis://a?client-name=a%20b",
                .badValue(parameter: "client-name", expected: "a name of ASCII characters without spaces")
            ),
            (
                "redis://a?client-name=%C3%A9",
                .badValue(parameter: "client-name", expected: "a name of ASCII characters without spaces")
            ),
        ] as [(String, RedisURLError)])
    func malformed(text: String, error: RedisURLError) {
        #expect(throws: error) { try RedisURL(text) }
        #expect(!"\(error)".contains("\n"))
    }

    @Test("encryption is refused with the way to get it")
    func encryption() {
        #expect("\(RedisURLError.encryption)".contains("stunnel"))
    }

    @Test("the password is decoded and never shown")
    func password() throws {
        for (text, user, password) in [
            ("redis://:one@h", nil, "one"), ("redis://alice:t%C3%A9o%3A@h", "alice", "téo:"),
            ("redis+unix://alice:four@/s", "alice", "four"), ("redis://alice:f@i:ve@h", "alice", "f@i:ve"),
        ] as [(String, String?, String)] {
            let url = try RedisURL(text)
            #expect(url.identity.user == user && url.identity.password == password)
            #expect(!"\(url) \(url.identity)".contains(password))
        }
        #expect(try RedisURL("redis://h").identity.password == nil)
        #expect(try RedisURL("redis://alice:@h").identity.password == "")
    }

    @Test("parameters have their values or defaults")
    func parameters() throws {
        let plain = try RedisURL("redis-streams://h")
        #expect(plain.prefix == "socket.io" && plain.stream == "socket.io" && plain.sessionPrefix == "sio:session:")
        #expect(plain.streamLength == nil && plain.sentinel == nil)
        #expect(plain.identity == RedisStateMachine.Identity())
        let url = try RedisURL(
            "redis-streams://h/7?prefix=p&stream=s&stream-length=9&session-prefix=x&sentinel=m&protocol=2&client-name=n"
        )
        #expect(url.prefix == "p" && url.stream == "s" && url.streamLength == 9 && url.sessionPrefix == "x")
        #expect(url.sentinel == "m")
        #expect(
            url.identity == RedisStateMachine.Identity(database: 7, clientName: "n", protocolVersion: .resp2))
    }

    @Test("mutated URLs do not trap")
    func mutated() {
        var generator = RESPGenerator(seed: 11)
        let valid = Array("redis-streams://al%20ice:secret@[::1]:7,b:1/3?stream=a%23&stream-length=5&protocol=2".utf8)
        var accepted = 0
        for _ in 0..<3000 {
            let text = String(decoding: generator.mutate(valid), as: UTF8.self)
            guard let url = try? RedisURL(text) else { continue }
            accepted += 1
            #expect((try? RedisURL(url.description))?.servers == url.servers)
        }
        #expect(accepted > 100)
    }
}
