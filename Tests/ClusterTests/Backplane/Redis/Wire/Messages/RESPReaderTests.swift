import Testing

@testable import Cluster

@Suite("Redis values: decoding")
struct RESPReaderTests {
    @Test("a real server's answers are decoded, whole and byte by byte")
    func samples() {
        for (bytes, value) in RESPSamples.version3 + RESPSamples.version2 {
            #expect(RESPReading(bytes).values == [value], "\(bytes.debugDescription)")
            #expect(RESPReading.singly(Array(bytes.utf8)).values == [value], "\(bytes.debugDescription)")
        }
    }

    @Test("answers that are cut at any byte are the same")
    func cut() {
        let samples = RESPSamples.version3 + RESPSamples.version2
        let stream = Array(samples.map(\.bytes).joined().utf8)
        let values = samples.map(\.value)
        for index in stream.indices {
            let reading = RESPReading([stream[..<index], stream[index...]])
            #expect(reading.values == values && reading.error == nil)
        }
    }

    @Test("a push between the elements of an answer comes before it and is not one of them")
    func pushInside() {
        func message(_ words: String...) -> RESPValue { .push(words.map(RESPSamples.bulk)) }
        let values: [RESPValue] = [
            message("message", "a", "1"), message("pmessage", "a*", "a", "1"), message("smessage", "sh", "2"),
            .array([.integer(2), .integer(1), .null]),
        ]
        #expect(RESPReading(RESPSamples.exec).values == values)
        #expect(RESPReading.singly(Array(RESPSamples.exec.utf8)).values == values)
        #expect(RESPReading("%1\r\n+a\r\n>0\r\n:1\r\n").values == [.push([]), .map([.simple("a"), .integer(1)])])
        #expect(RESPReading("|1\r\n>1\r\n:2\r\n+a\r\n+b\r\n:1\r\n").values == [.push([.integer(2)]), .integer(1)])
    }

    @Test("attributes are skipped wherever they come")
    func attributes() {
        #expect(
            RESPReading("*2\r\n|1\r\n+a\r\n*1\r\n+b\r\n:1\r\n|0\r\n:2\r\n").values == [
                .array([.integer(1), .integer(2)])
            ])
        #expect(RESPReading("|0\r\n|0\r\n>1\r\n|0\r\n:2\r\n").values == [.push([.integer(2)])])
        #expect(RESPReading("|1\r\n+a\r\n").values.isEmpty)
    }

    @Test(
        "numbers have all their forms",
        arguments: [
            (":0", .integer(0)), (":+7", .integer(7)), (":-7", .integer(-7)), (":-0", .integer(0)),
            (":007", .integer(7)),
            (":9223372036854775807", .integer(.max)), (":-9223372036854775808", .integer(.min)),
            (",1", .double(1)), (",-1.5e3", .double(-1500)), (",1E-2", .double(0.01)), (",.5", .double(0.5)),
            (",1e999", .double(.infinity)), (",+inf", .double(.infinity)), ("(+1", .bigNumber("+1")),
            ("(-0", .bigNumber("-0")),
        ] as [(String, RESPValue)])
    func numbers(text: String, value: RESPValue) {
        #expect(RESPReading("\(text)\r\n").values == [value])
    }

    @Test("a double may be no number", arguments: [",nan", ",-nan"])
    func noNumber(text: String) throws {
        guard case .double(let number)? = RESPReading("\(text)\r\n").values.first else {
            Issue.record("no double")
            return
        }
        #expect(number.isNaN)
    }

    @Test("texts that are not UTF-8 are repaired, and payloads are not changed")
    func encoding() {
        let bytes = Array("+a".utf8) + [0xFF, 0x0D, 0x0A] + Array("$2\r\n".utf8) + [0xFF, 0x0A, 0x0D, 0x0A]
        #expect(RESPReading(bytes).values == [.simple("a\u{FFFD}"), .bulk([0xFF, 0x0A])])
    }
}
