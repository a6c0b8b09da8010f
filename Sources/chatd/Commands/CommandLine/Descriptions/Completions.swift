/// The scripts by which shells complete the commands of chatd, their options and values.
enum Completions {
    /// - Parameters:
    ///   - commands: the commands that the script knows.
    ///   - shell: the shell that reads the script.
    static func script(of commands: [CommandDescription], for shell: Shell) -> String {
        switch shell {
        case .bash: bash(commands)
        case .zsh: zsh(commands)
        case .fish: fish(commands)
        }
    }

    // MARK: bash

    /// The script completes the value of an option if the word before is one, and else options and words.
    private static func bash(_ commands: [CommandDescription]) -> String {
        var lines = [
            "# Completions of chatd for bash.",
            "_chatd() {",
            "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}",
            "    COMPREPLY=()",
            "    if [ \"$COMP_CWORD\" -eq 1 ]; then",
            "        COMPREPLY=($(compgen -W '\(commands.map(\.name).joined(separator: " "))' -- \"$word\"))",
            "        return",
            "    fi",
            "    case ${COMP_WORDS[1]}$before in",
        ]
        for command in commands {
            for option in command.options {
                let reply = option.bashReply
                guard !option.isFlag else { continue }
                lines.append("    \(command.name)--\(option.name)) \(reply); return ;;")
            }
        }
        lines += ["    esac", "    case ${COMP_WORDS[1]} in"]
        for command in commands {
            let words = command.words + command.options.map { "--\($0.name)" } + ["--help"]
            lines.append("    \(command.name))")
            lines.append("        COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- \"$word\")) ;;")
        }
        return (lines + ["    esac", "}", "complete -F _chatd chatd"]).joined(separator: "\n")
    }

    // MARK: zsh

    private static func zsh(_ commands: [CommandDescription]) -> String {
        var lines = [
            "#compdef chatd",
            "# Completions of chatd for zsh.",
            "_chatd() {",
            "    if (( CURRENT == 2 )); then",
            "        local -a commands=(",
        ]
        lines += commands.map { "            '\($0.name):\(quoted($0.purpose))'" }
        lines += [
            "        )", "        _describe command commands", "        return", "    fi",
            "    local command=$words[2]",
            // _arguments takes the first word for the command.
            "    shift words", "    (( CURRENT-- ))",
            "    case $command in",
        ]
        for command in commands {
            lines.append("    \(command.name)) _arguments \\")
            lines += command.options.map { "        '\($0.zshSpecification)' \\" }
            if !command.words.isEmpty {
                lines.append("        '1:word:(\(command.words.joined(separator: " ")))' \\")
            }
            lines.append("        '--help[explain every option]' ;;")
        }
        return (lines + ["    esac", "}", "_chatd \"$@\""]).joined(separator: "\n")
    }

    // MARK: fish

    private static func fish(_ commands: [CommandDescription]) -> String {
        var lines = ["# Completions of chatd for fish.", "complete -c chatd -f"]
        for command in commands {
            lines.append(
                "complete -c chatd -n __fish_use_subcommand -a \(command.name) -d '\(quoted(command.purpose))'")
        }
        for command in commands {
            let start = "complete -c chatd -n '__fish_seen_subcommand_from \(command.name)'"
            lines += command.options.map { "\(start) -l \($0.name)\($0.fishArguments) -d '\(quoted($0.purpose))'" }
            if !command.words.isEmpty { lines.append("\(start) -a '\(command.words.joined(separator: " "))'") }
        }
        return lines.joined(separator: "\n")
    }

    /// A text for single quotes of a shell. An apostrophe cannot be in them, so a typographic one stands for it.
    fileprivate static func quoted(_ text: String) -> String {
        String(text.map { $0 == "'" ? "’" : $0 == "\\" ? "/" : $0 })
    }
}

extension CommandOption {
    fileprivate var bashReply: String {
        switch candidates {
        case .words(let words): "COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- \"$word\"))"
        case .files: "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$word\"))"
        case .directories: "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$word\"))"
        case .none: ":"
        }
    }

    /// An option with its purpose and its value in the form of `_arguments`.
    fileprivate var zshSpecification: String {
        // Brackets end the purpose, and colons the name of the value.
        let purpose = String(Completions.quoted(purpose).map { $0 == "[" ? "(" : $0 == "]" ? ")" : $0 })
        guard !isFlag else { return "--\(name)[\(purpose)]" }
        let action =
            switch candidates {
            case .words(let words): "(\(words.joined(separator: " ")))"
            case .files: "_files"
            case .directories: "_files -/"
            case .none: ""
            }
        return "--\(name)[\(purpose)]:\(value.lowercased().filter { $0 != ":" }):\(action)"
    }

    fileprivate var fishArguments: String {
        guard !isFlag else { return "" }
        return switch candidates {
        case .words(let words): " -x -a '\(words.joined(separator: " "))'"
        case .files: " -r -F"
        case .directories: " -x -a '(__fish_complete_directories)'"
        case .none: " -x"
        }
    }
}
