/// The manual page `chatd(1)`, in the macros of man(7).
enum ManualPage {
    /// - Parameters:
    ///   - commands: the commands that the page explains.
    ///   - version: the version of the program.
    static func text(of commands: [CommandDescription], version: String) -> String {
        var lines = [
            ".TH CHATD 1 \"\" \"chatd \(escaped(version))\"",
            ".SH NAME", "chatd \\- a Socket.IO chat server",
            ".SH SYNOPSIS",
        ]
        for command in commands { lines += [".B chatd \(escaped(command.name))", escaped(command.form), ".br"] }
        lines += [
            ".SH DESCRIPTION",
            "chatd serves a chat to clients of Socket.IO, and stores its messages in SQLite or PostgreSQL. \\fBchatd "
                + "serve\\fR runs on one core, \\fBchatd supervise\\fR on many. It runs in the foreground and logs to "
                + "standard error.",
            ".PP",
            "Each option of a command is also an environment variable: \\fBCHATD_\\fR and its name in capitals. Those "
                + "of serve and supervise can be in the file of \\fB\\-\\-config\\fR. The command line overrides the "
                + "environment, which overrides the file.",
            ".SH COMMANDS",
        ]
        for command in commands { lines += section(command) }
        lines += [".SH SIGNALS"]
        for (signal, effect) in Help.signals {
            lines += [".TP", ".B \(escaped(signal.filter { $0 != " " }))", paragraph(effect)]
        }
        return lines.joined(separator: "\n")
    }

    /// A command with its options. Those of `serve` are not repeated for the commands that have them too.
    private static func section(_ command: CommandDescription) -> [String] {
        var lines = [".SS \(escaped(command.synopsis))", paragraph(command.summary)]
        let known = Set(command.name == "serve" ? [] : ServeOptions.declarations.map(\.name))
        let own = command.options.filter { command.name == "emit" || !known.contains($0.name) || !$0.hasVariable }
        for option in own {
            let name = ["--\(option.name)", option.value].filter { !$0.isEmpty }.joined(separator: " ")
            lines += [".TP", ".B \(escaped(name))"]
            lines.append(paragraph(option.help))
            if let source = option.defaultAndVariable { lines += [".br", paragraph("(\(source))")] }
        }
        if own.count < command.options.count {
            lines += [".PP", "It has the options of \\fBchatd serve\\fR that \\fB\\-\\-help\\fR lists."]
        }
        return lines + [".PP", paragraph("Exit codes: \(command.exitCodes).")]
    }

    /// A line of text. One that begins with a full stop or an apostrophe would be a macro.
    private static func paragraph(_ text: String) -> String {
        let text = escaped(text)
        return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "…": result += "..."
            default: result.append(character)
            }
        }
    }
}
