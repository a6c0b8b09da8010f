import Testing

@testable import Actors

private let placeholder = #"{"_placeholder":true,"num":0}"#

@Suite("MessagePack values and their JSON")
struct MessagePackValueTests {
    @Test(
        "each form of a value is the same JSON",
        arguments: [
            ("<c0>", "null"), ("<c2>", "false"), ("<c3>", "true"), ("<00>", "0"), ("<7f>", "127"), ("<ff>", "-1"),
            ("<e0>", "-32"), ("<cc ff>", "255"), ("<cc 01>", "1"), ("<cd ff ff>", "65535"),
            ("<ce ff ff ff ff>", "4294967295"), ("<cf ff ff ff ff ff ff ff ff>", "18446744073709551615"),
            ("<d0 80>", "-128"), ("<d0 7f>", "127"), ("<d1 80 00>", "-32768"), ("<d2 80 00 00 00>", "-2147483648"),
            ("<d3 80 00 00 00 00 00 00 00>", "-9223372036854775808"),
            ("<d3 00 20 00 00 00 00 00 01>", "9007199254740993"),
            ("<cb 3f f8 00 00 00 00 00 00>", "1.5"), ("<cb 40 59 00 00 00 00 00 00>", "100"),
            ("<ca 3f 80 00 00>", "1"), ("<ca bf 00 00 00>", "-0.5"), ("<ca 3d cc cc cd>", "0.10000000149011612"),
            ("<cb 80 00 00 00 00 00 00 00>", "-0"), ("<cb 7f f8 00 00 00 00 00 00>", "null"),
            ("<cb 7f f0 00 00 00 00 00 00>", "null"), ("<ca ff 80 00 00>", "null"),
            ("<a0>", #""""#), ("<a2>hi", #""hi""#), ("<d9 02>hi", #""hi""#), ("<da 00 02>hi", #""hi""#),
            ("<db 00 00 00 02>hi", #""hi""#), ("<a3>a\"<0a>", #""a\"\n""#), ("<a2>é", #""é""#),
            ("<90>", "[]"), ("<92 01 91 02>", "[1,[2]]"), ("<dc 00 01 c0>", "[null]"),
            ("<dd 00 00 00 01 c0>", "[null]"), ("<80>", "{}"), ("<81 a1>a<01>", #"{"a":1}"#),
            ("<82 a1>a<90 a1>b<80>", #"{"a":[],"b":{}}"#), ("<de 00 01 a1>a<c3>", #"{"a":true}"#),
            ("<df 00 00 00 01 a1>a<c3>", #"{"a":true}"#), ("<82 05 01 ff 02>", #"{"5":1,"-1":2}"#),
        ])
    func values(bytes: String, json: String) throws {
        let result = try converted(packed(bytes))
        #expect(result.json == json)
        #expect(result.attachments == [])
    }

    @Test(
        "dates are strings, in the forms of every version of the official parser",
        arguments: [
            ("<d6 ff 39 45 79 80>", #""2000-06-13T00:00:00.000Z""#),
            ("<d7 00 00 00 00 df b7 62 9c 00>", #""2000-06-13T00:00:00.000Z""#),
            ("<d7 00 ff ff ff ff ff ff ff ff>", #""1969-12-31T23:59:59.999Z""#),
            ("<d7 ff 07 a1 20 00 39 45 79 80>", #""2000-06-13T00:00:00.032Z""#),
            ("<c7 0c ff 1d cd 65 00 ff ff ff ff ff ff ff ff>", #""1969-12-31T23:59:59.500Z""#),
            ("<d7 00 7f ff ff ff ff ff ff ff>", "null"),
            ("<c7 0c ff 00 00 00 00 7f ff ff ff ff ff ff ff>", "null"),
        ])
    func dates(bytes: String, json: String) throws {
        #expect(try converted(packed(bytes)).json == json)
    }

    @Test(
        "binary values are attachments, at any depth",
        arguments: [
            ("<c4 02 01 02>", #"{"_placeholder":true,"num":0}"#, [[1, 2]]), ("<c5 00 01 09>", placeholder, [[9]]),
            ("<c6 00 00 00 00>", placeholder, [[]]), ("<c7 01 00 07>", placeholder, [[7]]),
            ("<c8 00 01 00 07>", placeholder, [[7]]),
            ("<c9 00 00 00 08 00>abcdefgh", placeholder, [Array("abcdefgh".utf8)]),
            (
                "<91 82 a1>a<c4 01 05 a1>b<91 c4 01 06>",
                #"[{"a":{"_placeholder":true,"num":0},"b":[{"_placeholder":true,"num":1}]}]"#, [[5], [6]]
            ),
            ("<d5 07 01 02>", #"[7,{"_placeholder":true,"num":0}]"#, [[1, 2]]),
            ("<d4 fe 01>", #"[-2,{"_placeholder":true,"num":0}]"#, [[1]]),
        ] as [(String, String, [[UInt8]])])
    func binary(bytes: String, json: String, attachments: [[UInt8]]) throws {
        let result = try converted(packed(bytes))
        #expect(result.json == json)
        #expect(result.attachments == attachments)
    }

    @Test("the undefined of earlier official parsers is null")
    func undefined() throws {
        #expect(try converted(packed("<92 d4 00 00 01>")).json == "[null,1]")
    }

    @Test(
        "JSON has the shortest form",
        arguments: [
            ("null", "<c0>"), ("true", "<c3>"), ("false", "<c2>"), ("0", "<00>"), ("127", "<7f>"), ("128", "<cc 80>"),
            ("255", "<cc ff>"), ("256", "<cd 01 00>"), ("65536", "<ce 00 01 00 00>"),
            ("4294967296", "<cf 00 00 00 01 00 00 00 00>"), ("18446744073709551615", "<cf ff ff ff ff ff ff ff ff>"),
            ("-1", "<ff>"), ("-32", "<e0>"), ("-33", "<d0 df>"), ("-128", "<d0 80>"), ("-129", "<d1 ff 7f>"),
            ("-32769", "<d2 ff ff 7f ff>"), ("-2147483649", "<d3 ff ff ff ff 7f ff ff ff>"),
            ("-9223372036854775808", "<d3 80 00 00 00 00 00 00 00>"),
            ("1.5", "<cb 3f f8 00 00 00 00 00 00>"), ("1e2", "<cb 40 59 00 00 00 00 00 00>"),
            ("-0", "<cb 80 00 00 00 00 00 00 00>"), ("1e999", "<cb 7f f0 00 00 00 00 00 00>"),
            ("18446744073709551616", "<cb 43 f0 00 00 00 00 00 00>"),
            (#""""#, "<a0>"), (#""a\nb""#, "<a3>a<0a>b"), (#""\u00e9""#, "<a2>é"), (#""\ud800""#, "<a3>\u{FFFD}"),
            ("[]", "<90>"), ("{}", "<80>"), ("[ ]", "<90>"), ("[1, [2 ,3], { } ]", "<93 01 92 02 03 80>"),
            (#"{"a":[{}],"b":"x"}"#, "<82 a1>a<91 80 a1>b<a1>x"), (#"{ "a" : 1 }"#, "<81 a1>a<01>"),
            (#"["{",",]"]"#, "<92 a1>{<a2>,]"),
        ])
    func shortest(json: String, bytes: String) throws {
        let text = try JSONText(validating: Array(json.utf8))
        #expect(packed(json: text) == packed(bytes))
    }

    @Test("a length at the edge of a form uses that form", arguments: [15, 16, 31, 32, 255, 256, 65_535, 65_536])
    func lengths(count: Int) throws {
        let text = String(repeating: "x", count: count)
        let list = JSONText(array: (0..<count).map { _ in true })
        let object = JSONText(object: (0..<count).map { ("\($0)", true) })
        for json in [JSONText(string: text), list, object] {
            #expect(try converted(packed(json: json)).json == json.description)
        }
        let binary = [UInt8](repeating: 7, count: count)
        let attachment = try JSONText(validating: Array(placeholder.utf8))
        #expect(try converted(packed(json: attachment, attachments: [binary])).attachments == [binary])
        #expect(
            packed(json: JSONText(string: text)).count == count
                + (count < 32 ? 1 : count < 256 ? 2 : count < 65_536 ? 3 : 5))
        #expect(packed(json: list).count == count + (count < 16 ? 1 : count < 65_536 ? 3 : 5))
    }

    @Test("placeholders become their attachments, with members in any order")
    func placeholders() throws {
        let text =
            #"[{"num":1,"a":[{}],"_placeholder":true},{"a":{"_placeholder":true,"num":0}},"#
            + #"{"_placeholder":false},[]]"#
        let json = try JSONText(validating: Array(text.utf8))
        #expect(
            packed(json: json, attachments: [[1], [2]])
                == packed("<94 c4 01 02 81 a1>a<c4 01 01 81 ac>_placeholder<c2 90>"))
        #expect(packed(json: ["_placeholder": true, "num": 0]) == packed("<82 ac>_placeholder<c3 a3>num<00>"))
    }
}
