/// The text of `chatd --help`.
enum Help {
    static let overview: String = {
        let commands = CommandDescription.all.map { (words($0.name, $0.form), $0.purpose) }
        let width = commands.map(\.0.count).max() ?? 0
        let lines =
            commands.map { form, purpose in form + String(repeating: " ", count: width - form.count + 1) + purpose }
            + ["chatd COMMAND --help", "chatd --version"]
        return """
            chatd: a Socket.IO chat server

            usage: \(lines.joined(separator: "\n       "))

            signals: \(signals.map { "\($0)   \($1)" }.joined(separator: "\n         "))
            """
    }()

    /// The signals that a server handles, and what it does.
    static let signals = [
        (
            "SIGTERM",
            "send the clients away within --drain-timeout, close the database, exit 0; a second one ends at once"
        ),
        ("SIGINT ", "close every connection and the database, exit 0"),
        (
            "SIGHUP ",
            "serve: like SIGINT; supervise: read --config again, and replace the workers one by one with the program "
                + "that is now at the path; ignored if it was ignored at the start (nohup)"
        ),
        ("SIGUSR1", "log the counters"),
    ]

    private static func words(_ name: String, _ form: String) -> String {
        ["chatd", name, form].filter { !$0.isEmpty }.joined(separator: " ")
    }
}
