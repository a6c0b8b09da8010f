import Testing

@testable import chatd

@Suite("Command line: the parsed command")
struct CommandLineInterfaceTests {
    @Test(
        "help and version are requests in any position",
        arguments: [
            (["--help"], .help(Help.overview)), (["-h"], .help(Help.overview)), (["help"], .help(Help.overview)),
            (["--port", "1", "--help"], .help(Help.overview)), (["worker", "--help"], .help(Help.overview)),
            (["nonsense", "-h"], .help(Help.overview)), (["help", "version"], .help(Help.overview)),
            (["serve", "--help"], .help(of: .serve)),
            (["serve", "--port", "1", "-h"], .help(of: .serve)),
            (["serve", "help"], .help(of: .serve)), (["help", "serve"], .help(of: .serve)),
            (["--help", "serve"], .help(of: .serve)), (["supervise", "-h"], .help(of: .supervise)),
            (["help", "supervise"], .help(of: .supervise)), (["supervise", "help"], .help(of: .supervise)),
            (["health", "--help"], .help(of: .health)), (["help", "health"], .help(of: .health)),
            (["check", "--help"], .help(of: .check)), (["help", "check"], .help(of: .check)),
            (["check", "serve", "-h"], .help(of: .check)),
            (["copy", "--help"], .help(of: .copy)), (["help", "copy"], .help(of: .copy)),
            (["--version"], .version), (["version"], .version), (["-V"], .version), (["-v"], .version),
            (["serve", "-v"], .version), (["serve", "--version"], .version),
            (["serve", "version"], .version), (["supervise", "version"], .version),
            (["worker", "--version"], .version),
            (["supervise", "--port", "1", "--version"], .version), (["version", "--version"], .version),
        ] as [([String], CommandLineInterface.Request)])
    func asks(arguments: [String], request: CommandLineInterface.Request) throws {
        #expect(try CommandLineInterface.request(arguments) == request)
    }

    @Test(
        "a command is followed by its arguments, of which a value may equal a command's name",
        arguments: [
            (["serve"], .serve([])), (["serve", "--port", "1"], .serve(["--port", "1"])),
            (["serve", "--db", "help"], .serve(["--db", "help"])), (["serve", "--db=--help"], .serve(["--db=--help"])),
            (["supervise", "--db", "version"], .supervise(["--db", "version"])),
            (["worker", "0", "1", "2"], .worker(["0", "1", "2"])),
            (["copy", "--from", "a"], .copy(["--from", "a"])),
            (["check"], .check([])), (["check", "serve", "--port", "1"], .check(["serve", "--port", "1"])),
            (["health"], .health([])), (["health", "--url", "unix:/a"], .health(["--url", "unix:/a"])),
        ] as [([String], CommandLineInterface.Request)])
    func commands(arguments: [String], request: CommandLineInterface.Request) throws {
        #expect(try CommandLineInterface.request(arguments) == request)
    }

    @Test(
        "an error names the mistake and suggests a correction",
        arguments: [
            ([], "a command is missing: chatd serve, or chatd supervise"),
            (["--port", "1"], "a command is missing before --port: chatd serve --port 1"),
            (
                ["--port", "1", "supervise", "--db", "serve"],
                "a command is missing before --port: chatd supervise --port 1 --db serve"
            ),
            (["--versoin"], "unknown option --versoin (did you mean --version?)"),
            (["--serve"], "--serve is not an option (did you mean chatd serve?)"),
            (
                ["--backplane", "redis://:abc@host"],
                "a command is missing before --backplane: chatd serve --backplane redis://:***@host"
            ),
            (["server"], "unknown command \"server\" (did you mean chatd serve?)"),
            (["sevre"], "unknown command \"sevre\" (did you mean chatd serve?)"),
            (["supervice"], "unknown command \"supervice\" (did you mean chatd supervise?)"),
            (["helth"], "unknown command \"helth\" (did you mean chatd health?)"),
            (["start"], "unknown command \"start\""), ([""], "unknown command \"\""),
        ] as [([String], String)])
    func refuses(arguments: [String], reason: String) {
        #expect(throws: UsageError(description: reason)) { try CommandLineInterface.request(arguments) }
    }

    @Test(
        "the suggestion for a word is the name that differs from it by at most one typo",
        arguments: [
            ("prot", "port"), ("por", "port"), ("ports", "port"), ("Port", "port"), ("prt", "port"), ("sport", "port"),
            ("p", nil), ("xy", nil), ("", nil), ("recovry", "recovery"), ("recover", "recovery"), ("rcvr", nil),
            (String(repeating: "x", count: 100_000), nil),
        ] as [(String, String?)])
    func suggestions(word: String, meant: String?) {
        #expect(Suggestion.nearest(to: word, among: ["recovery", "port", "db"]) == meant)
    }
}

extension CommandLineInterface.Request {
    fileprivate static func help(of command: CommandDescription) -> Self { .help(command.help) }
}
