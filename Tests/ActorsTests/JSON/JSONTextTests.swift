import Testing

@testable import Actors

@Suite("JSON text: building and reading values")
struct JSONTextTests {
    @Test("initializers produce the same text as JSON.stringify")
    func building() {
        let object = JSONText(object: [
            ("a", JSONText(array: [JSONText(integer: -1), .null, JSONText(bool: true)])),
            ("b\"", JSONText(string: "\n")),
            ("", JSONText(object: [])), ("c", JSONText(array: [])),
        ])
        #expect(object.description == #"{"a":[-1,null,true],"b\"":"\n","":{},"c":[]}"#)
    }

    @Test("an integer parses to the same value", arguments: [0, 7, -7, 10, 1_000_000, .max, .min])
    func integers(value: Int) {
        let text = JSONText(integer: value)
        #expect(text.description == String(value))
        #expect(text.integer == value)
    }

    @Test(
        "a whole number has the same value in any notation",
        arguments: [
            ("3.0", 3), ("3.000", 3), ("3e0", 3), ("3E+00", 3), ("30e-1", 3), ("300.00e-2", 3), ("0.003e3", 3),
            ("1e3", 1000), ("-12.50e1", -125), ("0", 0), ("-0", 0), ("0.0", 0), ("-0e5", 0), ("0e999999999999", 0),
            ("0.00e-99999999999999999999", 0), ("9223372036854775807.0", .max), ("-9223372036854775808.00", .min),
            ("9.223372036854775807e18", .max), ("100e-2", 1),
        ] as [(String, Int)])
    func wholeNumbers(text: String, value: Int) throws {
        #expect(try JSONText(validating: Array(text.utf8)).integer == value)
    }

    @Test(
        "a value that is not a whole number, or does not fit into Int, has no integer",
        arguments: [
            "1.5", "3.01", "3e-1", "0.3", "15e-1", "1e19", "9223372036854775808", "9223372036854775808.0",
            "-9223372036854775809", "1e999999999999999999999", "1e-999999999999999999999", "\"1\"", "\"3.0\"", "null",
            "[1]", "true",
        ])
    func notAnInteger(text: String) throws {
        #expect(try JSONText(validating: Array(text.utf8)).integer == nil)
    }

    @Test("numbers with many zeros parse correctly")
    func longNumbers() throws {
        let zeros = String(repeating: "0", count: 100_000)
        #expect(try JSONText(validating: Array("7.\(zeros)".utf8)).integer == 7)
        #expect(try JSONText(validating: Array("7\(zeros)e-100000".utf8)).integer == 7)
        #expect(try JSONText(validating: Array("7\(zeros)".utf8)).integer == nil)
        #expect(try JSONText(validating: Array("0.\(zeros)7e100001".utf8)).integer == 7)
    }

    @Test(
        "surrounding whitespace does not change the kind of a value",
        arguments: [
            (" \"x\"", .string), ("-1", .number), ("{ }", .object), ("\n[]", .array), ("true", .true),
            ("false ", .false), ("null", .null),
        ] as [(String, JSONKind)])
    func kinds(text: String, kind: JSONKind) throws {
        #expect(try JSONText(validating: Array(text.utf8)).kind == kind)
    }

    @Test("each accessor returns nil for values of another kind")
    func wrongKinds() {
        let number = JSONText(integer: 1)
        #expect(number.string == nil)
        #expect(number.utf8String() == nil)
        #expect(number.bool == nil)
        #expect(number.elements == nil)
        #expect(number["a"] == nil)
        #expect(!number.isNull)
        #expect(JSONText.null.isNull)
        #expect(JSONText(bool: false).bool == false)
        #expect(JSONText(array: [])["0"] == nil)
        #expect(JSONText(object: []).elements == nil)
    }

    @Test(
        "a member is found by its decoded name; the last one counts if a name repeats",
        arguments: [
            (#"{"a":1,"b":2}"#, "b", "2"), (#"{ "a" : [ {"b":3} ] , "b" : {"a":"}"} }"#, "b", #"{"a":"}"}"#),
            (#"{"a":1,"a":2}"#, "a", "2"), (#"{"a":1,"\u0061":2}"#, "a", "2"), (#"{"a\"":1}"#, "a\"", "1"),
            (#"{"":0}"#, "", "0"),
            (#"{"__proto__":1}"#, "__proto__", "1"), (#"{"a":{"b":1}}"#, "b", nil), (#"{"a":"b"}"#, "b", nil),
            ("{}", "a", nil),
            (#"{"a":1}"#, "__proto__", nil), (#"{"a":1}"#, "toString", nil), (#"{"\\":1,"b":-1.5}"#, "b", "-1.5"),
            (#"{"a":"\\","b":"\"","c":[]}"#, "c", "[]"),
        ] as [(String, String, String?)])
    func members(text: String, name: String, value: String?) throws {
        #expect(try JSONText(validating: Array(text.utf8))[name]?.description == value)
    }

    @Test("the elements of an array exclude those of nested values")
    func elements() throws {
        let text = try JSONText(validating: Array(#" [ 1 ,[2,[3]], {"a":[4]},"]," , null ] "#.utf8))
        #expect(text.elements?.map(\.description) == ["1", "[2,[3]]", #"{"a":[4]}"#, #""],""#, "null"])
    }

    @Test("built values that exceed the scanner's depth limit can be read")
    func deepBuilt() {
        var text = JSONText(integer: 1)
        for _ in 0..<600 { text = JSONText(array: [text]) }
        #expect(text.elements?.first?.elements?.count == 1)
        #expect(JSONText(object: [("a", text), ("b", .null)])["b"] == .null)
    }

    @Test("texts are equal if their bytes are equal, regardless of their storage")
    func equality() throws {
        let cut = try #require(JSONText(validating: Array("[7,\"x\"]".utf8)).elements)
        #expect(cut == [JSONText(integer: 7), JSONText(string: "x")])
        #expect(Set([cut[0], JSONText(integer: 7)]).count == 1)
    }
}
