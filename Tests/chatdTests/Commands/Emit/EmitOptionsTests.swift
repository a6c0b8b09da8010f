import Actors
import Testing

@testable import chatd

@Suite("The command line of chatd emit")
struct EmitOptionsTests {
    private func parse(_ words: String..., environment: [String: String] = [:]) throws -> EmitOptions {
        try EmitOptions(words, environment: environment)
    }

    private func error(_ words: String...) -> String? {
        do {
            _ = try EmitOptions(words, environment: [:])
            return nil
        } catch {
            return error.description
        }
    }

    @Test("options come before the event")
    func options() throws {
        let options = try parse(
            "--backplane", "redis://h", "--to", "a", "--to=b", "--except", "c", "--namespace=/n", "--volatile",
            "--timeout", "50", "news", "1", #"{"to": ["x"]}"#, "-5", #""--to""#)
        #expect(options.url == "redis://h" && options.namespace == "/n" && options.timeout == .milliseconds(50))
        #expect(options.rooms == ["a", "b"] && options.exceptions == ["c"] && options.isVolatile)
        let arguments = try Arguments(slice: Array(#"1,{"to": ["x"]},-5,"--to""#.utf8))
        #expect(options.input == .event("news", arguments))
    }

    @Test("without options, an event is for everyone in the main namespace")
    func defaults() throws {
        let options = try parse("news", environment: ["CHATD_BACKPLANE": "redis://h"])
        #expect(options.url == "redis://h" && options.namespace == "/" && !options.isVolatile)
        #expect(options.rooms.isEmpty && options.exceptions.isEmpty && options.input == .event("news", []))
    }

    @Test("an event may have a name that begins with dashes, and any room")
    func dashes() throws {
        let options = try parse("--backplane", "redis://h", "--to", "--x", "--to=", "--", "--news")
        #expect(options.rooms == ["--x", ""] && options.input == .event("--news", []))
    }

    @Test("a dash means events from standard input")
    func lines() throws {
        #expect(try parse("--backplane", "redis://h", "-").input == .lines)
        #expect(error("--backplane", "redis://h", "-", "1")?.contains("no argument can follow") == true)
    }

    @Test("what is missing or wrong is named")
    func errors() {
        #expect(error("news")?.contains("--backplane is needed") == true)
        #expect(error("--backplane", "redis://h")?.contains("the event's name is missing") == true)
        #expect(error("--backplane", "redis://h", "news", "1", "text")?.contains("argument 2") == true)
        #expect(error("--backplane", "redis://h", "news", "1,2")?.contains("argument 1") == true)
        #expect(error("--backplane", "redis://h", "news", "")?.contains("argument 1") == true)
        #expect(error("--backplane", "redis://h", "--to")?.contains("--to needs a value") == true)
        #expect(error("--backplane", "redis://h", "--volatile=1", "news")?.contains("has no value") == true)
        #expect(error("--rom", "a", "news")?.contains("unknown option --rom") == true)
        #expect(error("--timeout", "0", "--backplane", "redis://h", "news")?.contains("--timeout") == true)
    }
}

@Suite("The lines of chatd emit")
struct EmitLineTests {
    @Test("a line is an array of a name and arguments")
    func line() throws {
        let line = try EmitLine(Array(" [\"ne\\u0077s\", 1, {\"a\": [2]}]\r".utf8), number: 1)
        #expect(line.name == "news")
        #expect(line.arguments.map { $0 } == [.json(1), .json(try JSONText(validating: Array(#"{"a": [2]}"#.utf8)))])
        #expect(try EmitLine(Array(#"["a"]"#.utf8), number: 1).arguments.isEmpty)
    }

    @Test(
        "other lines are refused with their number",
        arguments: ["", "[]", "[1]", "{}", "\"news\"", "[\"news\"", "[\"a\"]]", "[\"a\",]", "[\"a\"] x", "["])
    func refused(text: String) {
        let error = #expect(throws: EmitLine.Failure.self) { _ = try EmitLine(Array(text.utf8), number: 7) }
        #expect(error?.description.hasPrefix("line 7: ") == true)
    }
}
