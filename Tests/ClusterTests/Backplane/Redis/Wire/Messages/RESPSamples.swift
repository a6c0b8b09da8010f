@testable import Cluster

/// Answers of a real server (Redis 7.0.15) and the values that they mean.
enum RESPSamples {
    /// Answers in version 3 of the protocol; most are those of DEBUG PROTOCOL.
    static let version3: [(bytes: String, value: RESPValue)] = [
        ("$11\r\nHello World\r\n", bulk("Hello World")), (":12345\r\n", .integer(12345)),
        (",3.141\r\n", .double(3.141)),
        (",inf\r\n", .double(.infinity)), (",-inf\r\n", .double(-.infinity)), ("_\r\n", .null),
        ("*3\r\n:0\r\n:1\r\n:2\r\n", .array([.integer(0), .integer(1), .integer(2)])), ("*0\r\n", .array([])),
        ("~3\r\n:0\r\n:1\r\n:2\r\n", .set([.integer(0), .integer(1), .integer(2)])),
        (
            "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n",
            .map([.integer(0), .boolean(false), .integer(1), .boolean(true), .integer(2), .boolean(false)])
        ),
        (
            "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n"
                + "$39\r\nSome real reply following the attribute\r\n",
            bulk("Some real reply following the attribute")
        ),
        (
            "=29\r\ntxt:This is a verbatim\nstring\r\n",
            .verbatim(format: "txt", Array("This is a verbatim\nstring".utf8))
        ),
        ("#t\r\n", .boolean(true)), ("#f\r\n", .boolean(false)),
        ("(1234567999999999999999999999999999999\r\n", .bigNumber("1234567999999999999999999999999999999")),
        ("+PONG\r\n", .simple("PONG")), ("$2\r\né\r\n", bulk("é")), ("$0\r\n\r\n", bulk("")),
        ("*1\r\n*2\r\n$1\r\nm\r\n,1.5\r\n", .array([.array([bulk("m"), .double(1.5)])])),
        (
            "%1\r\n$2\r\nst\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n",
            .map([bulk("st"), .array([.array([bulk("1-1"), .array([bulk("f"), bulk("v")])])])])
        ),
        (
            "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
            .error(
                RedisError(prefix: "WRONGTYPE", message: "Operation against a key holding the wrong kind of value"))
        ),
        (
            "*10\r\n+PONG\r\n:1\r\n#f\r\n#t\r\n,3.5\r\n%1\r\n$1\r\na\r\n:1\r\n~1\r\n$1\r\nb\r\n"
                + "(123456789012345678901234567890\r\n=5\r\nmkd:x\r\n-MY e\r\n",
            .array([
                .simple("PONG"), .integer(1), .boolean(false), .boolean(true), .double(3.5),
                .map([bulk("a"), .integer(1)]), .set([bulk("b")]), .bigNumber("123456789012345678901234567890"),
                .verbatim(format: "mkd", Array("x".utf8)), .error(RedisError(prefix: "MY", message: "e")),
            ])
        ),
    ]

    /// Answers to the same commands in version 2, where they differ.
    static let version2: [(bytes: String, value: RESPValue)] = [
        ("$5\r\n3.141\r\n", bulk("3.141")), ("$-1\r\n", .null), ("*-1\r\n", .null), (":1\r\n", .integer(1)),
        (
            "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n",
            .array([.integer(0), .integer(0), .integer(1), .integer(1), .integer(2), .integer(0)])
        ),
        ("$25\r\nThis is a verbatim\nstring\r\n", bulk("This is a verbatim\nstring")),
        ("*3\r\n:0\r\n$-1\r\n*0\r\n", .array([.integer(0), .null, .array([])])),
    ]

    /// The answer to EXEC of a client that gets its own messages.
    static let exec = """
        *3\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n1\r\n>4\r\n$8\r\npmessage\r\n$2\r\na*\r\n$1\r\na\r\n$1\r\n1\r
        :2\r\n>3\r\n$8\r\nsmessage\r\n$2\r\nsh\r\n$1\r\n2\r\n:1\r\n_\r\n
        """

    static func bulk(_ text: String) -> RESPValue { .bulk(Array(text.utf8)) }
}
