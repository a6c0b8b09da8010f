import Testing

@testable import chatd

@Suite("Option values: from the command line, else from the environment, else the default")
struct OptionValuesTests {
    static let options = [
        CommandOption(name: "port", value: "PORT", defaultValue: "3000", help: "", alias: "PORT"),
        CommandOption(name: "ping-interval", value: "MS", defaultValue: "25000", help: ""),
        CommandOption(name: "name", value: "TEXT", defaultValue: "", help: ""),
        CommandOption(name: "token", value: "TEXT", defaultValue: "", help: "", isSecret: true),
        CommandOption(name: "config", value: "FILE", defaultValue: "", help: ""),
        CommandOption(name: "db", value: "FILE", defaultValue: "a.db", help: "", needsRestart: true),
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
            (["--colour=red"], "unknown option --colour"),
            (["--", "x"], "unknown option --"),
            (["--Port", "1"], "unknown option --Port (did you mean --port?)"),
            (["--prot=1"], "unknown option --prot (did you mean --port?)"),
            (["--ping-intervall", "1"], "unknown option --ping-intervall (did you mean --ping-interval?)"),
            (["--port"], "option --port needs a value"),
            (["3000"], "unexpected argument \"3000\" (did you mean --port 3000?)"),
            (["-p", "3000"], "unexpected argument \"-p\" (did you mean --port?)"),
            (["-port=1"], "unexpected argument \"-port=1\" (did you mean --port?)"),
            (["-x"], "unexpected argument \"-x\""),
            (["65536"], "unexpected argument \"65536\""),
            (["--port", "1", "x"], "unexpected argument \"x\""),
            ([""], "unexpected argument \"\""),
            (["--tokn=abc"], "unknown option --tokn (did you mean --token?)"),
            (["redis://me:abc@host"], "unexpected argument \"redis://me:***@host\""),
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

    @Test("an error hides the value of a secret option and the password in an address")
    func secrets() {
        #expect(
            "--token: \"***\" is not a whole number from 0 to 9"
                == message { try values(["--token", "abc"]).integer("token", in: 0...9) })
        #expect(
            "--port: \"redis://me:***@host\" is not a whole number from 0 to 9"
                == message { try values(["--port", "redis://me:abc@host"]).integer("port", in: 0...9) })
    }

    @Test(
        "the configuration file precedes PORT and the default, and an error names its line",
        arguments: [
            (["--port", "1"], ["CHATD_PORT": "2"], "1", "command line"),
            ([], ["CHATD_PORT": "2"], "2", "CHATD_PORT"), ([], ["PORT": "2"], "x", "chat.conf:2"),
            (["--config="], ["PORT": "2"], "2", "PORT"),
            ([], ["CHATD_PORT": ""], "x", "chat.conf:2"), (["--config="], [:], "3000", "default"),
        ] as [([String], [String: String], String, String)])
    func file(arguments: [String], environment: [String: String], text: String, source: String) throws {
        let words = ["--config", "chat.conf"] + arguments
        let values = try OptionValues(words, of: Self.options, environment: environment) { path in
            ConfigurationFile(Array("\nport = x\nname =\n".utf8), name: path, keys: ["port", "name"])
        }
        #expect(values.text("port") == text && "\(values.source("port"))" == source)
        guard text == "x" else { return }
        #expect(values.isExplicit("name") && values.text("name").isEmpty)
        #expect(
            "chat.conf:2: port: \"x\" is not a whole number from 0 to 9"
                == message { try values.integer("port", in: 0...9) })
    }

    @Test("after a change, options that need a restart hold their value, and the others have the new one")
    func holding() throws {
        let old = try values(["--db", "b.db", "--port", "1", "--name", "x"])
        let new = try values(["--port", "2", "--name", "x"])
        let held = new.holding(old)
        #expect(held.text("db") == "b.db" && held.text("port") == "2")
        #expect(held.changes(from: old).map(\.name) == ["port"])
        #expect(new.changes(from: held).map(\.name) == ["db"])
    }

    @Test("a worker has the values that were passed, and no others")
    func passed() throws {
        let passed = try values(["--port", "1", "--db="]).values(of: Self.options.filter { $0.name != "name" })
        let settings = WorkerSettings(values: passed, keys: "# keys\nsecret\n", bans: "{}\n")
        #expect(passed == ["port": "1", "db": ""])
        #expect(try WorkerSettings(decoding: settings.encoded) == settings)
        let worker = try OptionValues(passed: settings, of: Self.options)
        #expect(worker.text("port") == "1" && worker.text("db").isEmpty && !worker.isExplicit("name"))
        #expect(worker.passedKeys == "# keys\nsecret\n")
        #expect(message { try OptionValues(passed: WorkerSettings(values: ["x": "1"]), of: Self.options) } != nil)
    }

    @Test("passed values that are cut off are refused", arguments: ["port", "port\0", "port\u{0}1", "a\0b\0c\0"])
    func cutOff(text: String) {
        #expect(message { try WorkerSettings(decoding: Array(text.utf8)) } != nil)
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
