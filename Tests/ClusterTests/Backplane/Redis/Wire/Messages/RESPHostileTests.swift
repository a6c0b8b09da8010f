import Testing

@testable import Cluster

@Suite("Redis values: a server that breaks the protocol", .timeLimit(.minutes(1)))
struct RESPHostileTests {
    @Test("a byte with which no value begins is refused at once")
    func unknown() {
        let known = "*|(!#$,-:%_>~+=".utf8
        for byte in UInt8.min...UInt8.max where !known.contains(byte) {
            #expect(RESPReading([byte]).error == .unknownKind(byte))
            #expect(RESPReading(Array("*2\r\n:1\r\n".utf8) + [byte]).error == .unknownKind(byte))
        }
        #expect(RESPReading("HTTP/1.1 400 Bad Request\r\n").error == .unknownKind(UInt8(ascii: "H")))
    }

    @Test(
        "a value without the form of its kind is refused",
        arguments: [
            (":\r\n", "integer"), (":+\r\n", "integer"), (":-\r\n", "integer"), (":1x\r\n", "integer"),
            (": 1\r\n", "integer"), (":1.0\r\n", "integer"), (":9223372036854775808\r\n", "integer"),
            (":-9223372036854775809\r\n", "integer"), (":99999999999999999999\r\n", "integer"), (":1\n", "integer"),
            (":1\r\r\n", "integer"), (":\n", "integer"), (",\r\n", "double"), (",0x1p3\r\n", "double"),
            (",infinity\r\n", "double"), (",nan(1)\r\n", "double"), (",1-\r\n", "double"), (",e\r\n", "double"),
            ("#\r\n", "boolean"), ("#x\r\n", "boolean"), ("#tt\r\n", "boolean"), ("_x\r\n", "null"),
            ("(\r\n", "bigNumber"), ("(-\r\n", "bigNumber"), ("(1.5\r\n", "bigNumber"), ("+a\rb\r\n", "simple"),
            ("+a\n", "simple"), ("-a\n", "error"), ("$\r\n", "bulk"), ("$1x\r\n", "bulk"), ("$?\r\n", "bulk"),
            ("$1\r\nab\r\n", "bulk"), ("$1\r\na\n", "bulk"), ("$1\r\na\rb", "bulk"), ("$0\r\na", "bulk"),
            ("$1\n", "bulk"), ("=3\r\ntxt\r\n", "verbatim"), ("=4\r\ntext\r\n", "verbatim"), ("=0\r\n\r\n", "verbatim"),
            ("!1\r\nab\r\n", "blobError"), ("*\r\n", "array"), ("*?\r\n", "array"), ("*1 \r\n", "array"),
            ("%x\r\n", "map"), ("~x\r\n", "set"), ("|x\r\n", "attribute"), (">x\r\n", "push"),
            (">1\r\n>0\r\n", "push"), (">1\r\n*1\r\n>0\r\n", "push"), ("*1\r\n>1\r\n>0\r\n", "push"),
        ])
    func malformed(text: String, kind: String) {
        #expect(RESPReading(text).error == .malformed(kind))
        #expect(RESPReading.singly(Array(text.utf8)).error == .malformed(kind))
    }

    @Test("a negative length is refused, except for the two forms of null in version 2")
    func negative() {
        for (sign, kind) in [
            ("%", "map"), ("~", "set"), (">", "push"), ("|", "attribute"), ("=", "verbatim"), ("!", "blobError"),
        ] {
            #expect(RESPReading("\(sign)-1\r\n").error == .badLength(kind, -1))
        }
        #expect(RESPReading("$-2\r\n").error == .badLength("bulk", -2))
        #expect(RESPReading("*-9223372036854775808\r\n").error == .badLength("array", .min))
    }

    @Test("nothing is decoded after an error, and what came before it is kept")
    func ended() {
        let reading = RESPReading([Array("+a\r\n?".utf8)[...], Array("+b\r\n".utf8)[...]])
        #expect(reading.values == [.simple("a")])
        #expect(reading.error == .unknownKind(UInt8(ascii: "?")))
    }

    // MARK: Limits

    /// The headers are refused although nothing that they announce has arrived.
    @Test("an excessive length or count is refused at once")
    func announced() {
        let limits = RESPLimits()
        for sign in ["$", "=", "!"] {
            #expect(RESPReading("\(sign)\(limits.value)\r\n").error == .valueTooLarge(limit: limits.value))
            #expect(RESPReading("\(sign)\(Int.max)\r\n").error == .valueTooLarge(limit: limits.value))
        }
        for sign in ["*", "~", ">", "%", "|"] {
            #expect(RESPReading("\(sign)\(limits.elements + 1)\r\n").error == .tooManyElements(limit: limits.elements))
            #expect(RESPReading("\(sign)\(Int.max)\r\n").error == .tooManyElements(limit: limits.elements))
        }
        #expect(RESPReading("%\(limits.elements / 2 + 1)\r\n").error == .tooManyElements(limit: limits.elements))
        #expect(RESPReading("*\(limits.elements)\r\n").error == nil)
    }

    @Test("the elements of a value are counted at all levels, and anew for the next value")
    func elements() {
        var limits = RESPLimits()
        limits.elements = 4
        #expect(RESPReading("*2\r\n*2\r\n:1\r\n:1\r\n:1\r\n", limits: limits).values.count == 1)
        #expect(RESPReading("*2\r\n*3\r\n", limits: limits).error == .tooManyElements(limit: 4))
        #expect(RESPReading("*1\r\n%2\r\n", limits: limits).error == .tooManyElements(limit: 4))
        #expect(RESPReading("|2\r\n:1\r\n:1\r\n:1\r\n:1\r\n*1\r\n", limits: limits).error == .tooManyElements(limit: 4))
        let four = "*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n"
        #expect(RESPReading(four + four, limits: limits).values.count == 2)
        // A push has a count of its own.
        let push = ">4\r\n:1\r\n:1\r\n:1\r\n:1\r\n"
        #expect(RESPReading("*4\r\n:1\r\n" + push + push + ":1\r\n:1\r\n:1\r\n", limits: limits).values.count == 3)
    }

    @Test("a payload that is not kept becomes null, and the value arrives")
    func skipped() {
        var limits = RESPLimits()
        limits.keptPayloads = 4
        limits.value = 40
        let value = "*3\r\n$3\r\nabc\r\n$1000\r\n\(String(repeating: "x", count: 1000))\r\n$1\r\nd\r\n"
        let expected = RESPValue.array([.bulk(Array("abc".utf8)), .null, .bulk(Array("d".utf8))])
        #expect(RESPReading(value + value, limits: limits).values == [expected, expected])
        #expect(RESPReading.singly(Array(value.utf8), limits: limits).values == [expected])
        #expect(RESPReading("$5\r\nabcdexx", limits: limits).error != nil)
    }

    @Test("the bytes of a value are counted at all levels, and anew for the next value")
    func size() {
        var limits = RESPLimits()
        let value = "*2\r\n$1\r\na\r\n*1\r\n+12345\r\n"
        limits.value = value.utf8.count
        #expect(RESPReading(value + value, limits: limits).values.count == 2)
        limits.value -= 1
        #expect(RESPReading(value, limits: limits).error == .valueTooLarge(limit: limits.value))
        // Attributes without a value do not gather.
        limits.value = 12
        #expect(RESPReading("|0\r\n|0\r\n|0\r\n", limits: limits).error == nil)
        #expect(RESPReading("|0\r\n|0\r\n|0\r\n|0\r\n", limits: limits).error == .valueTooLarge(limit: 12))
    }

    @Test("any number of pushes may come, alone and inside an answer")
    func pushes() {
        var limits = RESPLimits()
        limits.value = 20
        let push = "|0\r\n>1\r\n+a\r\n"
        let alone = RESPReading(String(repeating: push, count: 1000), limits: limits)
        #expect(alone.values.count == 1000 && alone.error == nil)
        let inside = RESPReading("*1\r\n" + String(repeating: ">1\r\n+a\r\n", count: 1000) + ":1\r\n", limits: limits)
        #expect(inside.values.count == 1001 && inside.error == nil)
    }

    @Test("a line is bounded, also if it has no end", arguments: ["+", "-", ":", "(", ",", "$", "*"])
    func line(sign: String) {
        var limits = RESPLimits()
        limits.line = 100
        let start = sign + String(repeating: "1", count: 99)
        #expect(RESPReading(start, limits: limits).error == nil)
        #expect(RESPReading(start + "1", limits: limits).error == .lineTooLong(limit: 100))
        #expect(RESPReading.singly(Array((start + "1").utf8), limits: limits).error == .lineTooLong(limit: 100))
        #expect(RESPReading(start + "1\r\n", limits: limits).error == .lineTooLong(limit: 100))
    }

    @Test("aggregates are nested up to the limit", arguments: ["*1\r\n", "~1\r\n", "%1\r\n+a\r\n", "|1\r\n+a\r\n"])
    func depth(level: String) {
        let limit = RESPLimits().depth
        #expect(RESPReading(String(repeating: level, count: limit)).error == nil)
        #expect(RESPReading(String(repeating: level, count: limit + 1)).error == .tooDeep(limit: limit))
        #expect(RESPReading(String(repeating: level, count: 100_000)).error == .tooDeep(limit: limit))
    }

    // MARK: Linear time

    /// A decoder that copied what it has buffered for each piece would copy 160 GiB.
    @Test("a large payload whose end comes byte by byte takes linear time")
    func largePayload() {
        let content = [UInt8](repeating: 0x61, count: 16 << 20)
        let stream = Array("*2\r\n$\(content.count)\r\n".utf8) + content + Array("\r\n:1\r\n".utf8)
        let most = stream.count - 20_000
        let reading = RESPReading([stream[..<most]] + stream[most...].indices.map { stream[$0...$0] })
        #expect(reading.values == [.array([.bulk(content), .integer(1)])])
    }

    @Test("many elements, and many values, take linear time in any pieces", arguments: [1, 7, 1 << 20])
    func many(size: Int) {
        let count = 20_000
        let stream =
            Array("*\(count)\r\n".utf8) + [[UInt8]](repeating: Array("$1\r\na\r\n".utf8), count: 2 * count).joined()
        let pieces = stride(from: 0, to: stream.count, by: size).map { stream[$0..<min($0 + size, stream.count)] }
        #expect(RESPReading(pieces).values.count == count + 1)
    }

    @Test("the errors' descriptions are one line")
    func descriptions() {
        let errors: [RESPError] = [
            .unknownKind(72), .malformed("bulk"), .badLength("array", -7), .lineTooLong(limit: 1),
            .valueTooLarge(limit: 2), .tooManyElements(limit: 3), .tooDeep(limit: 4),
        ]
        #expect(Set(errors.map { "\($0)" }).count == errors.count)
        #expect(!errors.contains { "\($0)".contains("\n") })
    }
}
