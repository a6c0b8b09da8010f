/// The commands that serve the chat, and those that help to operate it.
extension CommandDescription {
    static let serve = CommandDescription(
        name: "serve", form: "[--port PORT] [--db FILE] …", purpose: "serve on one core",
        summary: "Serves the chat on one core. Prints one line when it accepts connections; logs to standard error.",
        options: ServeOptions.declarations)

    static let supervise = CommandDescription(
        name: "supervise", form: "[--workers auto|N] [--port PORT] …", purpose: "serve on every core",
        summary: "Serves the chat on many cores, with one worker process for each. This process orders and stores "
            + "their messages, and replaces a worker that dies. Prints one line for each port when it accepts "
            + "connections; logs to standard error.",
        options: SuperviseOptions.declarations)

    static let check = CommandDescription(
        name: "check", form: "[--config FILE] …", purpose: "check the options, and what they name",
        summary: "Checks what serve or supervise would start with, without starting it: the options, the configuration "
            + "file, the database, the addresses, the backplane and the served directories. Changes nothing. "
            + "Prints every option that is in force with its source, then notes; the errors go to standard error. "
            + "What a running chatd uses is not an error. Without serve or supervise, it is supervise if --workers "
            + "or --ports is set.",
        options: CheckOptions.declarations, usage: "[serve|supervise]", isUsageFirst: true,
        words: ["serve", "supervise"], exitCodes: "0 a start would succeed, 64 usage, 69 something is unavailable")

    static let health = CommandDescription(
        name: "health", form: "[--url URL]", purpose: "check that a server answers",
        summary: "Sends one request to a server on this machine. Prints nothing if it answers, else the reason to "
            + "standard error. Without --url it asks the server that serve would be with the same environment "
            + "variables.",
        options: HealthOptions.declarations, exitCodes: "0 the server answers, 1 it does not, 64 usage")

    static let emit = CommandDescription(
        name: "emit", form: "--backplane URL EVENT [JSON] …", purpose: "send an event to the clients of all hosts",
        summary: "Sends an event to the clients of all hosts that share a backplane, and ends when the service has "
            + "confirmed it. Each argument is JSON: 7, '\"text\"', '{\"a\":1}'. With - in place of EVENT, it reads "
            + "events from standard input: one in a line, as a JSON array of the name and the arguments. Prints "
            + "nothing.",
        options: EmitOptions.declarations, usage: "EVENT [JSON] …",
        exitCodes: "0 sent, 64 usage or not an event, 65 a line of standard input is not an event, 69 service "
            + "unavailable, 75 the service has not confirmed an event and may have it or not, 77 it does not "
            + "accept the user or the event")

    static let admin = CommandDescription(
        name: "admin", form: "COMMAND …", purpose: "list, disconnect and ban clients; and more",
        summary: "Sends a command to a chatd serve or supervise on this machine, as the server's user or as root. "
            + "connections lists the connected clients: id, user, name (behind ~ if the client chose it), address, "
            + "since, transport, bytes received and sent. disconnect ends connections: by their id, user:ID or "
            + "address:ADDRESS. ban also keeps the clients out for a time, even after a restart; unban ends a ban and "
            + "bans lists all. An IPv6 address stands for its network of 64 bits. A user is the id that --auth has "
            + "proved, or else the author's id of the messages, which a client may change. delete removes "
            + "messages of an SQLite database by their ids: at once from the page, and from other clients when they "
            + "load the messages again; a repeat is not stored again for 30 days. announce "
            + "shows a text in the page. counters prints the counters of each process, and drain stops the server as "
            + "SIGTERM does. With several hosts, disconnect and announce reach the clients of all hosts that share a "
            + "--backplane, and everything else is for this host: a ban also disconnects clients of the others, but "
            + "does not keep them out there. hash-password needs no server: it reads a password, twice from a "
            + "terminal or else one line of standard input, and prints its hash for --admin-ui-password-file.",
        options: AdminOptions.declarations,
        usage: "connections | disconnect ID|user:ID|address:ADDRESS | ban user:ID|ADDRESS --for TIME | "
            + "unban user:ID|ADDRESS | bans | delete ID … | announce TEXT | counters | drain | hash-password",
        words: [
            "connections", "disconnect", "ban", "unban", "bans", "delete", "announce", "counters", "drain",
            HashPasswordCommand.name,
        ],
        exitCodes: "0 done, 1 nothing matches the target or the ids, 64 usage, 69 no server answers or it cannot do "
            + "that, 77 the socket is another user's, or the server refuses the command")

    static let completions = CommandDescription(
        name: "completions", form: "bash|zsh|fish", purpose: "print the completions for a shell",
        summary: "Prints a script by which a shell completes the commands of chatd, their options and values. For "
            + "bash: source <(chatd completions bash).",
        options: [], usage: Shell.allCases.map(\.rawValue).joined(separator: "|"),
        words: Shell.allCases.map(\.rawValue), exitCodes: "0 printed, 64 usage")

    static let manual = CommandDescription(
        name: "manual", form: "", purpose: "print the manual page",
        summary: "Prints the manual page in the format of man: chatd manual | man -l -.", options: [],
        exitCodes: "0 printed, 64 usage")
}
