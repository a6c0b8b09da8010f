import Glibc
import Testing
import Transport

@testable import chatd

@Suite("Start line: program, database and options, without secrets")
struct StartLineTests {
    private static let options = [
        CommandOption(name: "port", value: "PORT", defaultValue: "3000", help: "", alias: "PORT"),
        CommandOption(name: "token", value: "TEXT", defaultValue: "", help: "", isSecret: true),
        CommandOption(name: "store", value: "URL", defaultValue: "", help: ""),
    ]

    private func line(_ arguments: [String], _ environment: [String: String] = [:], database: String = ":memory:")
        throws
        -> String
    {
        let values = try OptionValues(arguments, of: Self.options, environment: environment)
        let line = StartLine.text(
            command: "serve", database: database, settings: values.settings,
            limits: values.all.filter { $0.option.name == "port" })
        let start = "chatd \(Version.current) serve, process \(getpid()), database "
        #expect(line.hasPrefix(start))
        let end = ", limits descriptors=\(ResourceLimits.descriptors) port=\(values.text("port"))"
        #expect(line.hasSuffix(end))
        return String(line.dropFirst(start.count).dropLast(end.count))
    }

    @Test(
        "the line has the options with their sources, and stars in place of secrets",
        arguments: [
            ([], [:], "in memory, default options"),
            (["--port", "1"], ["CHATD_PORT": "2"], "in memory, options --port=1"),
            (["--token=abc"], ["PORT": "2"], "in memory, options PORT=2 --token=***"),
            ([], ["CHATD_TOKEN": "abc"], "in memory, options CHATD_TOKEN=***"),
            (["--store", "a b"], [:], "in memory, options --store=\"a b\""),
            (["--store", "redis://me:pass@host:1/x"], [:], "in memory, options --store=redis://me:***@host:1/x"),
            (
                ["--store", "postgres://me@host/x?a=1&p%61ssword=pa?ss&b=2"], [:],
                "in memory, options --store=postgres://me@host/x?a=1&p%61ssword=***&b=2"
            ),
            (["--store", "redis://:p@ss@host"], [:], "in memory, options --store=redis://:***@host"),
            (["--store", "redis://host:1/a@b"], [:], "in memory, options --store=redis://host:1/a@b"),
        ] as [([String], [String: String], String)])
    func settings(arguments: [String], environment: [String: String], text: String) throws {
        #expect(try line(arguments, environment) == text)
    }

    @Test("the database's path is absolute, whether the file exists or not")
    func database() throws {
        let buffer = try #require(realpath(".", nil))
        defer { free(buffer) }
        let here = String(cString: buffer)
        #expect(try line([], database: "nowhere.db") == "\(here)/nowhere.db, default options")
        #expect(try line([], database: "./nowhere.db") == "\(here)/nowhere.db, default options")
        #expect(try line([], database: "Sources/../nowhere.db") == "\(here)/nowhere.db, default options")
        #expect(try line([], database: "/nowhere.db") == "/nowhere.db, default options")
        #expect(try line([], database: "Package.swift") == "\(here)/Package.swift, default options")
    }
}
