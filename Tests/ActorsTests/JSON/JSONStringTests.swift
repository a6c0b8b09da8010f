import Testing

@testable import Actors

@Suite("JSON strings")
struct JSONStringTests {
    @Test(
        "strings are escaped as by JSON.stringify",
        arguments: [
            ("", #""""#), ("plain", #""plain""#), ("a\"b", #""a\"b""#), ("a\\b", #""a\\b""#), ("/", #""/""#),
            ("\u{8}\u{9}\u{A}\u{C}\u{D}", #""\b\t\n\f\r""#),
            ("\u{0}\u{1}\u{B}\u{1E}\u{1F}", #""\u0000\u0001\u000b\u001e\u001f""#),
            ("\u{7F}é€😀\u{2028}", "\"\u{7F}é€😀\u{2028}\""), ("12345678\"", #""12345678\"""#),
            ("1234567\n12345678", #""1234567\n12345678""#),
        ])
    func escaping(plain: String, escaped: String) throws {
        let text = JSONText(string: plain)
        #expect(text.description == escaped)
        #expect(JSONText(utf8String: Array(plain.utf8)) == text)
        #expect(try JSONText(validating: Array(escaped.utf8)).string == plain)
    }

    @Test(
        "strings are unescaped, and lone surrogates become U+FFFD",
        arguments: [
            (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\ud83d\ude00!""#, "😀!"),
            (#""\/\b\f\n\r\t\"\\""#, "/\u{8}\u{C}\n\r\t\"\\"),
            (#""\uD800""#, "\u{FFFD}"), (#""\uDC00x""#, "\u{FFFD}x"), (#""\uD800\uD800\uDC00""#, "\u{FFFD}\u{10000}"),
            (#""\uD800\n""#, "\u{FFFD}\n"), (#""\uD800\u0041""#, "\u{FFFD}A"), (#""\uD800u0041""#, "\u{FFFD}u0041"),
            (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\u0000""#, "\u{0}"), (#""\\u0041""#, #"\u0041"#),
            (#""12345678\n12345678""#, "12345678\n12345678"),
        ])
    func unescaping(escaped: String, plain: String) throws {
        let text = try JSONText(validating: Array(escaped.utf8))
        #expect(text.string == plain)
        #expect(text.utf8String() == Array(plain.utf8))
        #expect(text.isString(plain))
        #expect(!text.isString(plain + "x"))
    }

    @Test("the first special byte is found at any offset, among any other bytes")
    func firstSpecial() {
        let specials: [UInt8] = [0x00, 0x01, 0x1F, 0x22, 0x5C]
        let harmless: [UInt8] = [0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x80, 0xA2, 0xDC, 0xFF]
        for length in 0..<20 {
            for filler in harmless {
                let clean = Array(repeating: filler, count: length)
                #expect(JSONString.firstSpecial(in: clean.span, from: 0) == length)
                for position in 0..<length {
                    for special in specials {
                        var text = clean
                        text[position] = special
                        #expect(JSONString.firstSpecial(in: text.span, from: 0) == position)
                        #expect(JSONString.firstSpecial(in: text.span, from: position) == position)
                        #expect(JSONString.firstSpecial(in: text.span, from: position + 1) == length)
                    }
                }
            }
        }
    }

    @Test("each byte is classified the same alone and in a group of eight", arguments: UInt8.min...UInt8.max)
    func everyByte(byte: UInt8) {
        let expected = byte < 0x20 || byte == 0x22 || byte == 0x5C
        #expect(JSONString.isSpecial(byte) == expected)
        let word = [byte] + Array(repeating: UInt8(ascii: "a"), count: 7)
        #expect(JSONString.firstSpecial(in: word.span, from: 0) == (expected ? 0 : 8))
    }

    @Test("strings are compared by their decoded bytes")
    func comparison() throws {
        let escaped = try JSONText(validating: Array(#""conn\u0065ct""#.utf8))
        #expect(escaped.isString("connect"))
        #expect(!escaped.isString(#"conn\u0065ct"#))
        #expect(!escaped.isString("connec"))
        #expect(!JSONText(string: "é").isString("e\u{301}"))
        #expect(!JSONText(integer: 1).isString("1"))
    }
}
