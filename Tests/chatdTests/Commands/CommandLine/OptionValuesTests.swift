import Testing

@testable import chatd

@Suite("Option values: from the command line, else from the environment, else the default")
struct OptionValuesTests {
    static let options = [
        CommandOption(name: "port", value: "PORT", defaultValue: "3000", help: "", alias: "PORT"),
        CommandOption(name: "ping-interval", value: "MS", defaultValue: "25000", help: ""),
        CommandOption(name: "name", value: "TEXT", defaultValue: "", help: ""),
    ]

    @Test(
        "an option precedes its variable, which precedes its alias, which precedes the default",
        arguments: [
            (["--port", "1"], ["CHATD_PORT": "2", "PORT": "3"], 1),
            ([], ["CHATD_PORT": "2", "PORT": "3"], 2),
            ([], ["PORT": "3"], 3),
            ([], [:], 3000),
            ([], ["CHATD_PORT": "", "PORT": "3"], 3),
            ([], ["CHATD_PORT": "", "PORT": ""], 3000),
            (["--port", "1", "--port", "4"], [:], 4),
        ] as [([String], [String: String], Int)])
    func precedence(arguments: [String], environment: [String: String], port: Int) throws {
        #expect(try values(arguments, environment).integer("port", in: 0...65535) == port)
    }

    @Test(
        "a value follows its option or an equals sign",
        arguments: [
            (["--name", "a b"], "a b"), (["--name=a b"], "a b"), (["--name=a=b"], "a=b"), (["--name="], ""),
            (["--name", ""], ""), (["--name", "--port"], "--port"), (["--port", "1", "--name=x"], "x"),
        ] as [([String], String)])
    func spelling(arguments: [String], text: String) throws {
        #expect(try values(arguments).text("name") == text)
    }

    @Test("a variable's name is the option's in capitals with underscores")
    func variable() throws {
        #expect(Self.options[1].environmentVariable == "CHATD_PING_INTERVAL")
        #expect(
            try values([], ["CHATD_PING_INTERVAL": "7"]).milliseconds("ping-interval", in: 1...10) == .milliseconds(7))
    }

    @Test(
        "an invalid command line causes an error that names the mistake",
        arguments: [
            (["--colour", "red"], "unknown option --colour"),
            (["--colour=red"], "unknown option --colour=red"),
            (["--", "x"], "unknown option --"),
            (["--Port", "1"], "unknown option --Port (did you mean --port?)"),
            (["--prot=1"], "unknown option --prot=1 (did you mean --port?)"),
            (["--ping-intervall", "1"], "unknown option --ping-intervall (did you mean --ping-interval?)"),
            (["--port"], "option --port needs a value"),
            (["3000"], "unexpected argument \"3000\" (did you mean --port 3000?)"),
            (["-p", "3000"], "unexpected argument \"-p\" (did you mean --port?)"),
            (["-port=1"], "unexpected argument \"-port=1\" (did you mean --port?)"),
            (["-x"], "unexpected argument \"-x\""),
            (["65536"], "unexpected argument \"65536\""),
            (["--port", "1", "x"], "unexpected argument \"x\""),
            ([""], "unexpected argument \"\""),
        ] as [([String], String)])
    func refuses(arguments: [String], words: String) {
        #expect(words == message { try values(arguments) })
    }

    @Test(
        "a number must be whole and in its range, and the error names its source",
        arguments: [
            (["--port", "65536"], [:], "--port: \"65536\" is not a whole number from 0 to 65535"),
            (["--port", "-1"], [:], "--port: \"-1\" is not a whole number from 0 to 65535"),
            (["--port", "1.5"], [:], "--port: \"1.5\" is not a whole number from 0 to 65535"),
            (["--port", "0x1F"], [:], "--port: \"0x1F\" is not a whole number from 0 to 65535"),
            (["--port", " 1"], [:], "--port: \" 1\" is not a whole number from 0 to 65535"),
            (["--port="], [:], "--port: \"\" is not a whole number from 0 to 65535"),
            ([], ["CHATD_PORT": "x", "PORT": "3"], "CHATD_PORT: \"x\" is not a whole number from 0 to 65535"),
            ([], ["PORT": "http"], "PORT: \"http\" is not a whole number from 0 to 65535"),
        ] as [([String], [String: String], String)])
    func ranges(arguments: [String], environment: [String: String], words: String) {
        #expect(words == message { try values(arguments, environment).integer("port", in: 0...65535) })
    }

    @Test("a value must be one of the listed words")
    func words() throws {
        #expect(try values(["--name", "full"]).word("name", of: ["full", "normal"]) == "full")
        #expect(
            "--name: \"Full\" is none of full, normal"
                == message { try values(["--name", "Full"]).word("name", of: ["full", "normal"]) })
    }

    @Test("an empty value is refused where a text is required")
    func nonEmpty() throws {
        #expect(try values(["--name", "x"]).nonEmptyText("name") == "x")
        #expect("--name: the value is empty" == message { try values(["--name", ""]).nonEmptyText("name") })
    }

    private func values(_ arguments: [String], _ environment: [String: String] = [:]) throws(UsageError) -> OptionValues
    {
        try OptionValues(arguments, of: Self.options, environment: environment)
    }

    private func message(_ work: () throws -> some Any) -> String? {
        do {
            _ = try work()
            return nil
        } catch {
            return (error as? UsageError)?.description
        }
    }
}
