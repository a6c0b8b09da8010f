import Foundation
import Testing

@testable import chatd

@Suite("Command line: what is generated from the commands")
struct CommandDescriptionTests {
    private static let port = CommandOption(
        name: "port", value: "PORT", defaultValue: "3000", help: "The port to listen on; it's open. More.")
    private static let command = CommandDescription(
        name: "play", form: "--port PORT", purpose: "play a game", summary: "Plays. Prints \"a\\b\".",
        options: [
            port,
            CommandOption(name: "mode", value: "fast|slow|N", defaultValue: "fast", help: "The [first] mode: fast."),
            CommandOption(name: "file", value: "FILE|URL", defaultValue: "", help: "A file."),
            CommandOption(name: "root", value: "DIR", defaultValue: "", help: "A directory."),
            CommandOption(
                name: "force", value: "", defaultValue: "", help: "Does it.", hasVariable: false, isFlag: true),
        ],
        usage: "[now|later]", isUsageFirst: true, words: ["now", "later"], exitCodes: "0 done")

    @Test("the help has the synopsis, the summary, each option with its default, and the exit codes")
    func help() {
        #expect(
            Self.command.help.hasPrefix("usage: chatd play [now|later] [OPTION VALUE] …\n\nPlays. Prints \"a\\b\".\n\n")
        )
        #expect(
            Self.command.help.contains(
                "  --port PORT\n      The port to listen on; it's open. More.\n"
                    + "      default 3000, environment CHATD_PORT\n"
            ))
        #expect(Self.command.help.hasSuffix("  --force\n      Does it.\n\nexit codes: 0 done"))
    }

    @Test("the overview names every command with its purpose")
    func overview() {
        for command in CommandDescription.all {
            #expect(Help.overview.contains("chatd \(command.name)"))
            #expect(Help.overview.contains(" \(command.purpose)\n"))
        }
    }

    @Test("every command can be asked for, and its description has no line that is too wide")
    func commands() throws {
        for command in CommandDescription.all {
            #expect(try CommandLineInterface.request(["help", command.name]) == .help(command.help))
            _ = try CommandLineInterface.request([command.name])
            #expect(command.help.split(separator: "\n").allSatisfy { $0.count <= 120 })
        }
    }

    @Test(
        "a shell offers the words of a value, or paths",
        arguments: [
            ("full|normal", .words(["full", "normal"])), ("N[/BURST]|auto|none", .words(["auto", "none"])),
            ("URL|postgres", .words(["postgres"])), ("FILE", .files), ("FILE|URL", .files), ("DIR", .directories),
            ("MS", .none), ("", .none),
        ] as [(String, CommandOption.Candidates)])
    func candidates(value: String, candidates: CommandOption.Candidates) {
        let option = CommandOption(name: "a", value: value, defaultValue: "", help: "")
        #expect(option.candidates == candidates)
    }

    @Test("the purpose of an option is the first sentence of its help")
    func purpose() {
        #expect(Self.port.purpose == "The port to listen on; it's open")
    }

    @Test("the zsh script has no apostrophe or bracket of a text that would end its place")
    func zsh() {
        let script = Completions.script(of: [Self.command], for: .zsh)
        #expect(script.contains("'--port[The port to listen on; it’s open]:port:' \\\n"))
        #expect(script.contains("'--mode[The (first) mode: fast]:fast|slow|n:(fast slow)' \\\n"))
        #expect(script.contains("'--root[A directory]:dir:_files -/' \\\n"))
        #expect(script.contains("'--force[Does it]' \\\n"))
    }

    @Test("the fish script tells options with values from flags")
    func fish() {
        let lines = Completions.script(of: [Self.command], for: .fish).split(separator: "\n")
        let start = "complete -c chatd -n '__fish_seen_subcommand_from play'"
        #expect(lines.contains("\(start) -l mode -x -a 'fast slow' -d 'The [first] mode: fast'"))
        #expect(lines.contains("\(start) -l file -r -F -d 'A file'"))
        #expect(lines.contains("\(start) -l force -d 'Does it'"))
        #expect(lines.contains("\(start) -a 'now later'"))
    }

    @Test("the manual page escapes what man would read as a macro")
    func manual() {
        let page = ManualPage.text(of: [Self.command], version: "1.2-a")
        #expect(page.hasPrefix(".TH CHATD 1 \"\" \"chatd 1.2\\-a\"\n"))
        #expect(page.contains("\n.TP\n.B \\-\\-force\nDoes it.\n"))
        #expect(page.contains("\nPlays. Prints \"a\\eb\".\n"))
    }

    @Test("the manual page explains an option of serve once")
    func options() {
        let page = ManualPage.text(of: CommandDescription.all, version: "1")
        #expect(page.components(separatedBy: "\n.B \\-\\-retention ").count == 2)
        for option in ServeOptions.declarations + SuperviseOptions.declarations {
            #expect(page.contains("\n.B \\-\\-\(option.name.replacing("-", with: "\\-"))"))
        }
    }
}
