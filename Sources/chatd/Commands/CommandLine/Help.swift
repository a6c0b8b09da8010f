/// The texts of `--help`.
enum Help {
    static let overview = """
        chatd: a Socket.IO chat server

        usage: chatd serve [--port PORT] [--db FILE] …            serve on one core
               chatd supervise [--workers auto|N] [--port PORT] … serve on every core
               chatd check [--config FILE] …                      check the options, and what they name
               chatd health [--url URL]                           check that a server answers
               chatd backup --db FILE --to FILE                   copy a database while it is served
               chatd restore --from FILE --db FILE                put a backup in the place of a database
               chatd export --db FILE|URL [--to FILE]             write the messages as JSON lines
               chatd import --from FILE --db FILE|URL             read them into an empty database
               chatd doctor --db FILE|URL                         examine a database, and give advice
               chatd copy --from FILE --to URL                    copy an SQLite database to PostgreSQL
               chatd emit --backplane URL EVENT [JSON] …          send an event to the clients of all hosts
               chatd serve --help, chatd supervise --help         explain every option
               chatd --version

        signals: SIGTERM   send the clients away within --drain-timeout, close the database, exit 0; \
        a second one ends at once
                 SIGINT    close every connection and the database, exit 0
                 SIGHUP    serve: like SIGINT; supervise: read --config again, and replace the workers one by one \
        with the program that is now at the path; ignored if it was ignored at the start (nohup)
                 SIGUSR1   log the counters
        """

    static var serve: String {
        command(
            "serve", ServeOptions.declarations,
            "Serves the chat on one core. Prints one line when it accepts connections; logs to standard error.")
    }

    static var supervise: String {
        command(
            "supervise", SuperviseOptions.declarations,
            "Serves the chat on many cores, with one worker process for each. This process orders and stores "
                + "their messages, and replaces a worker that dies. Prints one line for each port when it accepts "
                + "connections; logs to standard error.")
    }

    static var check: String {
        command(
            "check", CheckOptions.declarations,
            "Checks what serve or supervise would start with, without starting it: the options, the configuration "
                + "file, the database, the addresses, the backplane and the served directories. Changes nothing. "
                + "Prints every option that is in force with its source, then notes; the errors go to standard error. "
                + "What a running chatd uses is not an error. Without serve or supervise, it is supervise if --workers "
                + "or --ports is set.",
            usage: "[serve|supervise]", isUsageFirst: true,
            exitCodes: "0 a start would succeed, 64 usage, 69 something is unavailable")
    }

    static var health: String {
        command(
            "health", HealthOptions.declarations,
            "Sends one request to a server on this machine. Prints nothing if it answers, else the reason to standard "
                + "error. Without --url it asks the server that serve would be with the same environment variables.",
            exitCodes: "0 the server answers, 1 it does not, 64 usage")
    }

    static var copy: String {
        command(
            "copy", CopyOptions.declarations,
            "Copies the messages of an SQLite database to PostgreSQL, with their ids, so that the clients of the one "
                + "continue with the other. No chatd may serve either of them meanwhile. The copy may be interrupted: "
                + "the same command continues it. Prints a summary; the progress goes to standard error.",
            exitCodes: "0 everything is copied, 64 usage, 69 a database is unavailable or not suitable")
    }

    static var emit: String {
        command(
            "emit", EmitOptions.declarations,
            "Sends an event to the clients of all hosts that share a backplane, and ends when the service has "
                + "confirmed it. Each argument is JSON: 7, '\"text\"', '{\"a\":1}'. With - in place of EVENT, it reads "
                + "events from standard input: one in a line, as a JSON array of the name and the arguments. Prints "
                + "nothing.",
            usage: "EVENT [JSON] …",
            exitCodes: "0 sent, 64 usage or not an event, 65 a line of standard input is not an event, 69 service "
                + "unavailable, 75 the service has not confirmed an event and may have it or not, 77 it does not "
                + "accept the user or the event")
    }

    static func command(
        _ name: String, _ options: [CommandOption], _ summary: String, usage: String = "",
        isUsageFirst: Bool = false,
        exitCodes: String = "0 stopped by a signal, 64 usage, 69 port or database unavailable, 70 store lost"
    ) -> String {
        let words = ["[OPTION VALUE] …", usage].filter { !$0.isEmpty }
        let form = "usage: chatd \(name) " + (isUsageFirst ? words.reversed() : words).joined(separator: " ")
        var lines = [form, ""] + wrap(summary, indent: "", width: 88) + [""]
        for option in options {
            lines.append("  --\(option.name)\(option.value.isEmpty ? "" : " \(option.value)")")
            lines += wrap(option.help, indent: "      ", width: 88)
            guard option.hasVariable else { continue }
            let value = option.defaultValue.isEmpty ? "empty" : option.defaultValue
            lines.append("      default \(value), environment \(option.environmentVariable)")
        }
        lines += ["", "exit codes: \(exitCodes)"]
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
