import Foundation
import Testing

@testable import Actors

@Suite("Foundation's types in JSON")
struct FoundationTypeTests {
    @Test(
        "a date has the text of toISOString",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_700_000_000.123, "2023-11-14T22:13:20.123Z"),
            (-0.001, "1969-12-31T23:59:59.999Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
            (-62_167_219_200, "0000-01-01T00:00:00.000Z"), (-62_167_219_201, "-000001-12-31T23:59:59.000Z"),
            (253_402_300_800, "+010000-01-01T00:00:00.000Z"), (8.64e12, "+275760-09-13T00:00:00.000Z"),
            (-8.64e12, "-271821-04-20T00:00:00.000Z"),
        ] as [(Double, String)])
    func dates(seconds: Double, text: String) throws {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(try JSONText(encoding: date).string == text)
        let decoded = try JSONText(string: text).decode(Date.self)
        #expect(abs(decoded.timeIntervalSince(date)) < 0.000_001)
    }

    @Test("a date that JavaScript cannot represent does not encode", arguments: [8.65e12, -8.65e12, .infinity, .nan])
    func dateOutOfRange(seconds: Double) {
        #expect(throws: EncodingError.self) { try JSONText(encoding: Date(timeIntervalSince1970: seconds)) }
    }

    @Test("dates since the first day of the Gregorian calendar have the text of Foundation's formatter")
    func manyDays() throws {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for day in stride(from: -141_427, to: 150_000, by: 5) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400 + 0.5)
            let text = try #require(ISO8601.text(milliseconds: date.timeIntervalSince1970 * 1_000))
            let seconds = try #require(ISO8601.seconds(Array(text.utf8)))
            #expect(seconds.whole == day * 86_400 && seconds.fraction == 0.5)
            if day.isMultiple(of: 13) { #expect(text == date.formatted(style)) }
        }
    }

    @Test(
        "a date decodes with and without fraction, from any offset",
        arguments: [
            "2023-11-14T22:13:20Z", "2023-11-14T22:13:20.0Z", "2023-11-14T22:13:20.000000000Z", "2023-11-14t22:13:20z",
            "2023-11-14T23:13:20+01:00", "2023-11-14T16:43:20-0530", "2023-11-15T12:13:20+14",
            "2023-11-14T22:13:20-00:00",
            "+002023-11-14T22:13:20Z", "2023-11-14T22:13:20,00Z",
        ])
    func dateNotations(text: String) throws {
        #expect(try JSONText(string: text).decode(Date.self) == Date(timeIntervalSince1970: 1_700_000_000))
    }

    @Test(
        "a text that is not a date with an offset does not decode",
        arguments: [
            "", "2023-11-14", "2023-11-14T22:13:20", "2023-13-14T22:13:20Z", "2023-02-29T00:00:00Z",
            "2023-00-01T00:00:00Z",
            "1900-02-29T00:00:00Z", "2023-04-31T00:00:00Z", "2023-11-14T24:00:00Z", "2023-11-14T22:60:20Z",
            "2023-11-14T22:13:60Z", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20+1Z", "2023-11-14T22:13:20+01:0",
            "2023-11-14T22:13:20Z ", " 2023-11-14T22:13:20Z", "23-11-14T22:13:20Z", "2023-11-14 22:13:20Z", "x",
        ])
    func notDates(text: String) {
        #expect(throws: DecodingError.self) { try JSONText(string: text).decode(Date.self) }
    }

    @Test("the options choose numbers since 1970 instead, also inside other values")
    func numericDates() throws {
        let date = Date(timeIntervalSince1970: 1_700_000_000.5)
        let seconds = ValueCoding(dates: .secondsSince1970)
        #expect(try JSONText(encoding: [date], coding: seconds) == [1_700_000_000.5])
        #expect(try JSONText(encoding: [date], coding: seconds).decode([Date].self, coding: seconds) == [date])
        let milliseconds = ValueCoding(dates: .millisecondsSince1970)
        let arguments = try Arguments(encoding: date, coding: milliseconds)
        #expect(arguments == [.json(1_700_000_000_500)])
        #expect(try arguments.decode(Date.self, at: 0, coding: milliseconds) == date)
        #expect(throws: ArgumentError.self) { try arguments.decode(Date.self, at: 0) }
        let again = try arguments.decode(Date.self, coding: milliseconds)
        #expect(again == date)
    }

    @Test(
        "a URL is its text",
        arguments: ["https://example.org/a?b=c#d", "http://[::1]:80/", "mailto:a@b.c", "/a/b", "file:///x%20y"])
    func urls(text: String) throws {
        let url = try #require(URL(string: text))
        #expect(try JSONText(encoding: url).string == text)
        #expect(try JSONText(encoding: [url]).decode([URL].self) == [url])
    }

    @Test("a URL with a base, and a text that is not a URL, are errors")
    func wrongURLs() throws {
        let relative = try #require(URL(string: "b", relativeTo: URL(string: "http://a/")))
        #expect(throws: EncodingError.self) { try JSONText(encoding: relative) }
        #expect(try JSONText(encoding: relative.absoluteURL) == "http://a/b")
        #expect(throws: DecodingError.self) { try JSONText("").decode(URL.self) }
        #expect(throws: DecodingError.self) { try JSONText(integer: 1).decode(URL.self) }
    }

    @Test(
        "a Decimal is a number with all its digits",
        arguments: [
            "0", "1", "-1", "0.1", "-123.456", "12345678901234567890.123456789",
            "99999999999999999999999999999999999999",
            "0.0000000000000000000000000001", "1000000000000000000000000000000000000000000000000",
        ])
    func decimals(text: String) throws {
        let decimal = try #require(Decimal(string: text))
        #expect(try JSONText(encoding: decimal).description == text)
        #expect(try JSONText(encoding: [decimal]).decode([Decimal].self) == [decimal])
    }

    @Test("a Decimal decodes from any notation; NaN and numbers out of range are errors")
    func decimalNotations() throws {
        let decode = { (text: String) in try JSONText(validating: Array(text.utf8)).decode(Decimal.self) }
        #expect(try decode("1.50e3") == 1500)
        #expect(try decode("-0.0") == 0)
        #expect(try decode("1e127") == Decimal(sign: .plus, exponent: 127, significand: 1))
        #expect(try decode("1e130").description == "1" + String(repeating: "0", count: 130))
        #expect(
            try decode("0.1234567890123456789012345678901234567855")
                == Decimal(string: "0.12345678901234567890123456789012345679"))
        for text in ["1e200", "1e-200", "\"1\"", "null"] { #expect(throws: DecodingError.self) { try decode(text) } }
        #expect(throws: EncodingError.self) { try JSONText(encoding: Decimal.nan) }
    }

    @Test("a UUID is its text")
    func uuids() throws {
        let id = UUID()
        #expect(try JSONText(encoding: id).string == id.uuidString)
        #expect(try JSONText(string: id.uuidString.lowercased()).decode(UUID.self) == id)
    }
}
