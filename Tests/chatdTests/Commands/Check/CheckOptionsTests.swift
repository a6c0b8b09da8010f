import TestSupport
import Testing

@testable import chatd

@Suite("chatd check: the options")
struct CheckOptionsTests {
    @Test(
        "the command is the one that is named, else supervise if one of its options is set",
        arguments: [
            ([], .serve), (["serve"], .serve), (["supervise"], .supervise), (["--workers", "2"], .supervise),
            (["--ports=shared"], .supervise), (["serve", "--workers", "2"], .serve), (["--port", "1"], .serve),
        ] as [([String], CheckOptions.Command)])
    func command(words: [String], command: CheckOptions.Command) throws {
        #expect(try CheckOptions(words, environment: [:]).command == command)
    }

    @Test("every mistake is listed, with its source, and the other values are kept")
    func mistakes() throws {
        let directory = try TemporaryDirectory(["a": "port = x\nbogus\nmax-auth = 7\nworkers = 0\n"])
        let path = directory.path + "/a"
        let check = try CheckOptions(
            ["--config", path, "--db=", "--synchronous=maybe"], environment: ["CHATD_PATH": "/"])
        #expect(
            check.mistakes == [
                "\(path):2: the line is not NAME = VALUE: it has no equals sign",
                "\(path):1: port: \"x\" is not a whole number from 0 to 65535", "--db: the value is empty",
                "CHATD_PATH: \"/\" is the path of the page; choose another",
                "--synchronous: \"maybe\" is none of full, normal",
                "\(path):4: workers: \"0\" is not auto or a whole number from 1 to 256",
            ])
        #expect(check.wrong == ["port", "db", "path", "synchronous", "workers"])
        #expect(check.options.serve.server.maxAuth == 7)
    }

    @Test(
        "an error that is only a consequence of another one is not listed, and hides none",
        arguments: [
            ("--auth=token --auth-audience=x --auth-cookie=y", ["auth"]),
            ("--auth=token --auth-keys=/nowhere --auth-cookie=y", ["auth-keys"]),
            ("--auth=nothing --auth-audience=x", ["auth-audience", "auth"]), ("--auth-cookie=x", ["auth-cookie"]),
            ("--db= --backplane=postgres", ["db"]), ("--backplane=postgres", ["backplane"]),
            ("--admin-ui-password-file=/nowhere", ["admin-ui-password-file"]),
            ("--admin-ui-password-file=/nowhere --cors-origin=x", ["cors-origin", "admin-ui-password-file"]),
            ("--admin-ui-password-file=/nowhere --cors-origin=https://x --admin-ui-writes", ["admin-ui-password-file"]),
            ("--message-rate=x --byte-rate=1/x --handshake-rate=0", ["handshake-rate", "message-rate", "byte-rate"]),
            ("--db=postgres://a@b/c --retention=x", ["retention"]),
            ("--db=postgres://a@b/c --retention=30d --max-db-size=2000000", ["retention", "max-db-size"]),
        ] as [(String, [String])])
    func consequences(line: String, options: [String]) throws {
        let check = try CheckOptions(line.split(separator: " ").map(String.init) + ["--max-auth=x"], environment: [:])
        let named = check.mistakes.map { $0.dropFirst(2).prefix { $0 != ":" } }
        #expect(named.filter { $0 != "max-auth" }.map(String.init) == options)
        #expect(named.contains("max-auth"))
    }

    @Test("limits of workers do not apply to serve")
    func memory() throws {
        #expect(try CheckOptions(["--db", ":memory:"], environment: [:]).mistakes.isEmpty)
        #expect(try CheckOptions(["supervise", "--db", ":memory:"], environment: [:]).mistakes.count == 1)
    }

    @Test("the table has the name, the value without secrets and the source of each option")
    func table() throws {
        let options = [
            CommandOption(name: "port", value: "PORT", defaultValue: "3000", help: ""),
            CommandOption(name: "backplane", value: "URL", defaultValue: "", help: ""),
            CommandOption(name: "db", value: "FILE", defaultValue: "", help: ""),
        ]
        let values = try OptionValues(
            ["--backplane", "redis://:abc@h"], of: options, environment: ["CHATD_PORT": "1"])
        #expect(
            CheckTable.lines(values.all) == [
                "port       1               CHATD_PORT", "backplane  redis://:***@h  command line",
                "db         (empty)         default",
            ])
    }

    @Test(
        "the exit code is that of usage for a wrong value, and that of unavailability for anything else",
        arguments: [(false, false, 0), (false, true, 69), (true, false, 64), (true, true, 64)] as [(Bool, Bool, CInt)])
    func exitCode(hasMistake: Bool, hasFailure: Bool, code: CInt) {
        var report = CheckReport()
        report.note("x")
        if hasMistake { report.mistake("x") }
        if hasFailure { report.fail("x") }
        #expect(report.exitCode == code)
    }
}
