import Testing

@testable import Actors

@Suite("JSON scanner: validation and the ranges of parts")
struct JSONScannerTests {
    @Test(
        "an array is split into its elements without surrounding whitespace",
        arguments: [
            ("[]", []), (" [ ] ", []), ("[1]", ["1"]), ("[ 1 , \"a b\" ]", ["1", "\"a b\""]),
            (
                #"["chat message","hello",{"a":[1,{"b":"]"}]}]"#,
                [#""chat message""#, #""hello""#, #"{"a":[1,{"b":"]"}]}"#]
            ),
            (
                #"[ [ ] , { } ,null,true,false,-0.5e1,"\"]"]"#,
                ["[ ]", "{ }", "null", "true", "false", "-0.5e1", #""\"]""#]
            ),
            (#"["a","b","c","d","e","f"]"#, [#""a""#, #""b""#, #""c""#, #""d""#, #""e""#, #""f""#]),
        ] as [(String, [String])])
    func split(text: String, elements: [String]) throws {
        let bytes = Array(text.utf8)
        let ranges = try JSONScanner.splitArray(bytes, in: bytes.indices)
        #expect(ranges.map { String(decoding: bytes[$0], as: UTF8.self) } == elements)
    }

    @Test("only bytes in the given range are scanned")
    func subrange() throws {
        let bytes = Array("421[7,8]]".utf8)
        let ranges = try JSONScanner.splitArray(bytes, in: 3..<8)
        #expect(Array(ranges) == [4..<5, 6..<7])
        #expect(throws: JSONError.unexpectedEnd) { try JSONScanner.splitArray(bytes, in: 3..<7) }
        #expect(throws: JSONError.unexpectedByte(UInt8(ascii: "]"), offset: 8)) {
            try JSONScanner.splitArray(bytes, in: 3..<9)
        }
    }

    @Test("a range outside of the bytes is rejected", arguments: [0..<6, -1..<5, 5..<100, 6..<6])
    func impossibleRange(range: Range<Int>) {
        let bytes = Array("[1,2]".utf8)
        #expect(throws: JSONError.unexpectedEnd) { try JSONScanner.splitArray(bytes, in: range) }
        #expect(throws: JSONError.unexpectedEnd) { try JSONScanner.validateObject(bytes, in: range) }
    }

    @Test("a list is an array without its brackets", arguments: [("", 0), ("  ", 0), ("1", 1), (" 1 , [2,3] ", 2)])
    func list(text: String, count: Int) throws {
        let bytes = Array(text.utf8)
        #expect(try JSONScanner.splitList(bytes, in: bytes.indices).count == count)
    }

    @Test(
        "a list with unbalanced brackets or stray commas is rejected",
        arguments: [",", "1,", ",1", "1]", "[1", "1 2", "1,,2"])
    func badList(text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: JSONError.self) { try JSONScanner.splitList(bytes, in: bytes.indices) }
    }

    @Test(
        "a text that is not exactly one object is rejected as an object",
        arguments: ["[]", "1", "\"{}\"", "null", "", " ", "{}{}", "{"])
    func notAnObject(text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: JSONError.self) { try JSONScanner.validateObject(bytes, in: bytes.indices) }
    }

    @Test("an object's range excludes surrounding whitespace")
    func objectRange() throws {
        let bytes = Array(#"0 {"a":1} "#.utf8)
        #expect(try JSONScanner.validateObject(bytes, in: 1..<bytes.count) == 2..<9)
    }

    @Test(
        "errors contain the unexpected byte and its offset",
        arguments: [
            ("[1,x]", .unexpectedByte(UInt8(ascii: "x"), offset: 3)),
            ("[1,]", .unexpectedByte(UInt8(ascii: "]"), offset: 3)),
            ("[01]", .unexpectedByte(UInt8(ascii: "1"), offset: 2)), ("[\"a\n\"]", .unexpectedByte(0x0A, offset: 3)),
            ("{}", .unexpectedByte(UInt8(ascii: "{"), offset: 0)), ("[\"a", .unexpectedEnd), ("[tru", .unexpectedEnd),
        ] as [(String, JSONError)])
    func errors(text: String, error: JSONError) {
        let bytes = Array(text.utf8)
        #expect(throws: error) { try JSONScanner.splitArray(bytes, in: bytes.indices) }
    }

    @Test("512 levels of nesting are accepted, 513 are rejected", arguments: ["[", "{\"a\":", "[{\"a\":"])
    func depth(opening: String) throws {
        let levels = opening.filter { "[{".contains($0) }.count
        func nested(_ depth: Int) -> [UInt8] {
            let opened = String(repeating: opening, count: depth / levels)
            let closed = opened.reversed().compactMap { $0 == "[" ? "]" : $0 == "{" ? "}" : nil }.joined()
            return Array((opened + "1" + closed).utf8)
        }
        let deepest = nested(512)
        #expect(try JSONScanner.validateValue(deepest, in: deepest.indices) == deepest.indices)
        let wrapped = Array("[".utf8) + deepest + Array("]".utf8)
        let innermost = try #require(wrapped.lastIndex { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") })
        #expect(throws: JSONError.tooDeep(offset: innermost)) {
            try JSONScanner.splitArray(wrapped, in: wrapped.indices)
        }
        #expect(throws: JSONError.tooDeep(offset: innermost)) {
            try JSONScanner.validateValue(wrapped, in: wrapped.indices)
        }
    }

    @Test("closed containers do not count towards the depth", arguments: [2000])
    func breadth(count: Int) throws {
        let bytes = Array(("[" + Array(repeating: "[{\"a\":[]}]", count: count).joined(separator: ",") + "]").utf8)
        #expect(try JSONScanner.splitArray(bytes, in: bytes.indices).count == count)
    }
}
