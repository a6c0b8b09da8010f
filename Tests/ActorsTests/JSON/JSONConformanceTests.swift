import TestSupport
import Testing

@testable import Actors

@Suite("JSON validation accepts exactly the grammar of RFC 8259")
struct JSONConformanceTests {
    @Test(
        "valid texts are accepted",
        arguments: [
            "[]", "[ ]", "[[]   ]", "[\"\"]", "[[[[[]]]]]", "[\"a\"]", "[false]", "[true]", "[null]",
            "[null, 1, \"1\", {}]",
            "[1\n]", " [1]", "[1] ", "\t\r\n[1,\n2]\n", "[1,null,null,null,2]", "{}", "{ }", "{\"a\":[]}", "{\"\":0}",
            "{\"a\":\"b\",\"a\":\"c\"}", "{\"a\":\"b\",\"a\":\"b\"}", "{\"foo\\u0000bar\":42}", "{\n\"a\" : \"b\"\n}",
            "{\"min\":-1.0e+28,\"max\":1.0e+28}", "{\"x\":[{\"id\":\"x\"}],\"id\":\"x\"}",
            "[123e65]", "[0e+1]", "[0e1]", "[ 4]", "[-0.0000000000001]", "[20e1]", "[-0]", "[-123]", "[-1]", "[1E22]",
            "[1E-2]", "[1E+2]", "[123e45]", "[123.456e78]", "[1e-2]", "[1e+2]", "[123]", "[123.456789]", "[0]", "[0.5]",
            "[123123123123123123123123123123]", "[1e9999]", "[-1e-9999]",
            "[\"\\u0060\\u012a\\u12AB\"]", "[\"\\uD801\\udc37\"]", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]",
            "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\\u0000\"]", "[\"\\\"\"]", "[\"a/*b*/c/*d//e\"]", "[\"\\\\a\"]",
            "[\"\\\\n\"]", "[\"\\u0012\"]", "[\"\\uFFFF\"]", "[\"asd\"]", "[ \"asd\"]", "[\"new\\u00A0line\"]",
            "[\"\u{7F}\"]", "[\"\u{2028}\u{2029}\"]", "[\"\u{10FFFF}\"]", "[\"π\"]", "[\"\\u0000\"]", "[\"\\u0022\"]",
            "[\"\\uD800\"]", "[\"\\uDC00\"]", "[\"\\uD800\\uD800\\u006E\"]", "[\"\\uDd1e\\uD834\"]",
            "\"\"", "\"asd\"", "false", "true", "null", "42", "-0.1", " 7 ",
        ])
    func accepted(text: String) throws {
        let bytes = Array(text.utf8)
        #expect(JSONReference.accepts(bytes))
        _ = try JSONText(validating: bytes)
    }

    @Test(
        "invalid texts are rejected",
        arguments: [
            "", " ", "[", "]", "{", "}", "[}", "{]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[\"\",]",
            "[\"x\",,]",
            "[\"x\"]]", "[1]x", "[1]]", "[][]", "[1 true]", "[3[4]]", "[\"a\" \"b\"]", "[1:2]", "[\"\": 1]", "[x",
            "[*]", "[-]",
            "[\"a", "[\"a\\", "[\"", "\"", "[1\n", "[[[[1],", "[\u{0C}]", "[\u{0B}\"a\"\\f]", "[\u{A0}]", "[\u{2060}]",
            "\u{FEFF}{}",
            "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{:1}", "{\"a\"}",
            "{\"a\",1}",
            "{\"a\" b}", "{\"a\"::1}", "{\"a\":1,,\"b\":2}", "{\"a\":1 \"b\":2}", "{1:1}", "{a:1}", "{'a':0}", "{[:1}",
            "{null:null}",
            "{\"a\":\"b\"}/**/", "{\"a\":\"b\"}//", "{\"a\":\"b\"}#", "{\"a\":true} \"x\"", "[{\"a\":1]", "{\"a\":[1}",
            "{}}", "{\"asd\":\"asd\"",
            "[+1]", "[++1]", "[-01]", "[01]", "[012]", "[-012.5]", "[1.]", "[-2.]", "[.5]", "[.-1]", "[-.5]", "[0.1.2]",
            "[1.0e]",
            "[1.0e+]", "[1.0e-]", "[0.3e]", "[0.3e+]", "[0E]", "[0E+]", "[0e]", "[1eE2]", "[1e1.5]", "[2.e3]",
            "[2.e+3]", "[2.e-3]",
            "[9.e+]", "[1 000.0]", "[1+2]", "[0x1]", "[0x42]", "[Infinity]", "[-Infinity]", "[NaN]", "[-NaN]", "[- 1]",
            "[-1x]",
            "[1ea]", "[1a]", "[-foo]", "[１]", "[--2.]", "[1-]", "[1.8011670033376514H-308]", "-", "+", "1.", "1e",
            "[fals]", "[nul]", "[tru]", "nul", "[truee]", "[True]", "[TRUE]", "[nulll]", "tru", "abc", "undefined",
            "[undefined]",
            "[\"\\a\"]", "[\"\\x00\"]", "[\"\\\\\\\"]", "[\"\\u00A\"]", "[\"\\uD834\\uDd\"]", "[\"\\uD800\\u\"]",
            "[\"\\uD800\\u1\"]",
            "[\"\\uD800\\u1x\"]", "[\"\\uqqqq\"]", "[\"\\u\"]", "[\"\\u 123\"]", "[\"\\'\"]", "[\"\\\u{9}\"]",
            "[\"\\🌀\"]", "[\"\\U0041\"]",
            "['single']", "[\\u0020\"a\"]", "[\\n]", "[\"a\nb\"]", "[\"\t\"]", "[\"\u{0}\"]", "[\"\u{1F}\"]",
            "[\"a\u{1E}b\"]", "<null>", "<.>",
            "/*a*/1", "[1]//c", "[1]#", "☃", "å", "a\u{0}", "[\"x\"]\u{0}", "[1]\u{1E}", "{\"a\":\"a\" 123}",
            "{\"x\", null}", "[a\u{E5}]",
        ])
    func refused(text: String) {
        let bytes = Array(text.utf8)
        #expect(!JSONReference.accepts(bytes))
        #expect(throws: JSONError.self) { try JSONText(validating: bytes) }
    }

    @Test(
        "invalid UTF-8 outside of a complete string is rejected",
        arguments: [[0xFF], [0x5B, 0xFF, 0x5D], [0x22, 0xC3], [0x5B, 0x22, 0xE9]] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONText(validating: bytes) }
    }

    @Test("a mutated text is accepted exactly when the grammar accepts it", arguments: 1...8 as ClosedRange<UInt64>)
    func mutations(seed: UInt64) {
        let seeds = [
            #"["chat message",{"a":[1,-2.5e+3,true],"b":null},"\u00e9\n"]"#, #"[[[]],{"":{}},false]"#,
            #"{"_placeholder":true,"num":0}"#, #" [ 0 , "\\" ] "#, #"-12.5E-7"#, #"["\ud83d\ude00"]"#,
        ].map { Array($0.utf8) }
        var generator = SplitMix64(seed: seed)
        for round in 0..<1500 {
            let text = JSONMutation.mutate(seeds[round % seeds.count], using: &generator)
            let accepted = (try? JSONText(validating: text)) != nil
            #expect(accepted == JSONReference.accepts(text), "\(String(decoding: text, as: UTF8.self))")
        }
    }
}
