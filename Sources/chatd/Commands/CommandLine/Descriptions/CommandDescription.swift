/// What a command does and which options it has: the source of its help, of the manual page and of the completions of
/// shells.
struct CommandDescription: Sendable {
    let name: String
    /// The usual options, for the overview.
    let form: String
    /// The purpose in a few words, for lists of commands.
    let purpose: String
    /// The whole explanation.
    let summary: String
    let options: [CommandOption]
    /// The words beside the options; empty for none.
    var usage = ""
    /// True if these words come before the options.
    var isUsageFirst = false
    /// The words that may follow the command's name, for completions.
    var words: [String] = []
    var exitCodes = "0 stopped by a signal, 64 usage, 69 port or database unavailable, 70 store lost"

    /// All commands, in the order of the overview.
    static let all = [
        serve, supervise, check, health, backup, restore, export, `import`, doctor, copy, emit, admin, completions,
        manual,
    ]

    /// The line that shows how the command is used.
    var synopsis: String {
        let parts = [options.isEmpty ? "" : "[OPTION VALUE] …", usage].filter { !$0.isEmpty }
        return (["chatd", name] + (isUsageFirst ? parts.reversed() : parts)).joined(separator: " ")
    }

    /// The text of `--help`.
    var help: String {
        let label = "usage: "
        var lines = Self.wrap(synopsis, indent: String(repeating: " ", count: label.count), width: 88)
        lines[0] = label + lines[0].dropFirst(label.count)
        lines += [""] + Self.wrap(summary, indent: "", width: 88) + [""]
        for option in options {
            lines.append("  --\(option.name)\(option.value.isEmpty ? "" : " \(option.value)")")
            lines += Self.wrap(option.help, indent: "      ", width: 88)
            if let source = option.defaultAndVariable { lines.append("      \(source)") }
        }
        if !options.isEmpty { lines.append("") }
        lines += Self.wrap("exit codes: \(exitCodes)", indent: "", width: 88)
        return lines.joined(separator: "\n")
    }

    private static func wrap(_ text: String, indent: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = indent
        for word in text.split(separator: " ") {
            if line.count + word.count + 1 > width, line != indent {
                lines.append(line)
                line = indent
            }
            line += (line == indent ? "" : " ") + word
        }
        return lines + [line]
    }
}

extension CommandOption {
    /// The default and the environment variable, for the help; nil if only the command line sets the option.
    var defaultAndVariable: String? {
        guard hasVariable else { return nil }
        return "default \(defaultValue.isEmpty ? "empty" : defaultValue), environment \(environmentVariable)"
    }

    /// The first sentence of the help, without its full stop.
    var purpose: String {
        let sentence = help.split(separator: ". ", maxSplits: 1).first.map(String.init) ?? ""
        return sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }

    /// What a shell can offer for the value.
    enum Candidates: Equatable {
        case words([String])
        case files
        case directories
        case none
    }

    /// What a shell can offer for the value: the lower-case words among its alternatives, or paths.
    var candidates: Candidates {
        let alternatives = value.split(separator: "|").map(String.init)
        let words = alternatives.filter { $0.allSatisfy { "a"..."z" ~= $0 } }
        if !words.isEmpty { return .words(words) }
        if alternatives.contains("FILE") { return .files }
        return alternatives.contains("DIR") ? .directories : .none
    }
}
