import Testing

@testable import BrowserClient

@Suite("The tokens of a script")
struct ScriptTokensTests {
    private func kinds(_ script: String) -> [String] {
        ScriptTokens(script).filter { $0.kind != .space }.map { "\($0.kind) \($0.text)" }
    }

    @Test(
        "a literal is one token, whatever it contains",
        arguments: [
            (#"'it\'s /* no */ comment'"#, ScriptToken.Kind.string), (#""a \\""#, .string), ("`a 'b' // c`", .template),
            ("// to the end `", .comment), ("/* a\n * b **/", .comment), ("/a'[/]\\/\"/", .pattern), ("_a1$é", .word),
        ])
    func literals(text: String, kind: ScriptToken.Kind) {
        #expect(Array(ScriptTokens(text)) == [ScriptToken(kind: kind, text: text)])
    }

    @Test(
        "a slash divides after a value and begins a regular expression elsewhere",
        arguments: [
            ("a / b / c", false), ("f(x) / 2 / y", false), ("a[0] / 2 / y", false), ("1 / 2 / 3", false),
            ("'a' / 2 / 3", false),
            ("(/a/)", true), ("x = /a/", true), ("return /a/", true), ("a && /b/.test(c)", true), ("[/a/]", true),
        ])
    func slashes(script: String, isPattern: Bool) {
        #expect(ScriptTokens(script).contains { $0.kind == .pattern } == isPattern)
    }

    @Test("a template is split at its substitutions, whose code has its own tokens")
    func templates() {
        #expect(
            kinds("`a ${b + {c: `d${e}`}.c} f`") == [
                "template `a ${", "word b", "punctuation +", "punctuation {", "word c", "punctuation :",
                "template `d${",
                "word e", "template }`", "punctuation }", "punctuation .", "word c", "template } f`",
            ])
    }

    @Test(
        "the joined tokens equal the script, even if it ends within a token",
        arguments: ["a = `b ${c}`; // d\n\te", "'open", "`open ${a", "/* open", "x = /open", "\\", "${}}`}", ""])
    func nothingIsLost(script: String) {
        #expect(ScriptTokens(script).map(\.text).joined() == script)
    }
}
