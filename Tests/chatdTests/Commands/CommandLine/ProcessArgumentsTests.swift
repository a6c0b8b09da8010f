import Testing

@testable import chatd

@Suite("Process arguments: parsed from the form in /proc/self/cmdline")
struct ProcessArgumentsTests {
    @Test(
        "each argument ends with a zero byte, also an empty one",
        arguments: [
            ("chatd\0serve\0--db\0a b\0", ["chatd", "serve", "--db", "a b"]),
            ("chatd\0--name=\0\0\0x\0", ["chatd", "--name=", "", "", "x"]),
            ("chatd\0\0", ["chatd", ""]), ("chatd\0", ["chatd"]), ("chatd", ["chatd"]), ("", []),
        ] as [(String, [String])])
    func parse(text: String, words: [String]) {
        #expect(ProcessArguments.parse(Array(text.utf8)) == words)
    }

    @Test("the arguments of this process equal Swift's")
    func own() {
        #expect(ProcessArguments.read() == Array(CommandLine.arguments.dropFirst()))
    }
}
