import Actors
import ChatApplication
import Cluster
import Transport

/// The options of `chatd admin`, and the command.
struct AdminOptions {
    let address: SocketAddress
    let timeout: Duration
    /// True to print JSON instead of a table.
    let isJSON: Bool
    let request: AdminRequest

    static let declarations = [
        CommandOption(
            name: "socket", value: "PATH", defaultValue: "",
            help: "The server's --admin-socket. Empty: FILE.admin for the --db or the --config of the server.",
            hasVariable: false),
        ConfigurationFile.option,
        CommandOption(
            name: "db", value: "FILE|URL", defaultValue: "chat.db", help: "The server's --db."),
        CommandOption(
            name: "admin-socket", value: "PATH|none", defaultValue: "",
            help: "The same as --socket, as the server names it."),
        CommandOption(
            name: "limit", value: "N", defaultValue: "1000",
            help: "connections: the most connections to list, up to \(AdminRequest.maxConnections).",
            hasVariable: false),
        CommandOption(
            name: "for", value: "TIME", defaultValue: "",
            help: "ban: how long, such as 90s, 15m, 1h or 7d.", hasVariable: false),
        CommandOption(
            name: "reason", value: "TEXT", defaultValue: "",
            help: "disconnect: the reason that the clients get. ban: a note for the operator, which bans lists.",
            hasVariable: false),
        HashPasswordCommand.rounds,
        CommandOption(
            name: "timeout", value: "MS", defaultValue: "30000",
            help: "Milliseconds in which the server must answer.", hasVariable: false),
        CommandOption(
            name: "json", value: "", defaultValue: "", help: "Prints JSON, one object in a line.", hasVariable: false),
    ]

    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        let words = AdminWords(arguments)
        try Self.refuseUseless(words)
        let values = try OptionValues(
            words.options, of: Self.declarations, environment: environment, readFile: ConfigurationFile.init(path:))
        isJSON = words.isJSON
        timeout = try values.milliseconds("timeout", in: 1...3_600_000)
        address = try Self.address(values)
        request = try Self.request(words.rest, values)
    }

    /// The commands that an option is for.
    private static let uses = [
        "limit": ["connections"], "for": ["ban"], "reason": ["disconnect", "ban"],
    ]

    /// Refuses options that would have no effect: they may have been meant for something.
    private static func refuseUseless(_ words: AdminWords) throws(UsageError) {
        guard let command = words.rest.first else { return }
        for (name, commands) in uses.sorted(by: { $0.key < $1.key })
        where words.has(name) && !commands.contains(command) {
            let others = commands.joined(separator: " and ")
            throw UsageError(description: "--\(name) has no effect on \(command), only on \(others)")
        }
        for name in ["db", "admin-socket", "config"] where words.has(name) && words.has("socket") {
            throw UsageError(description: "--\(name) has no effect together with --socket")
        }
    }

    private static func address(_ values: OptionValues) throws(UsageError) -> SocketAddress {
        let isOwn = values.optionalText("socket") != nil
        guard let place = try values.adminSocket(isOwn ? "socket" : "admin-socket", database: values.database("db"))
        else {
            throw UsageError(description: "--socket is needed: the server has no socket beside its database")
        }
        switch place.address {
        case .success(let address): return address
        case .failure(let error): throw values.error("socket", "\(error)")
        }
    }

    private static func request(
        _ words: [String], _ values: OptionValues
    ) throws(UsageError) -> AdminRequest {
        guard let command = words.first else {
            throw UsageError(description: "a command is missing: chatd admin connections, for example")
        }
        var members: [(String, JSONText)] = [("command", JSONText(string: command))]
        if let argument = try argument(of: command, words.dropFirst()) { members.append(argument) }
        if let reason = values.optionalText("reason") { members.append(("reason", JSONText(string: reason))) }
        if command == "connections" {
            let limit = try values.integer("limit", in: 1...AdminRequest.maxConnections)
            members.append(("limit", JSONText(integer: limit)))
        }
        if command == "ban" {
            guard values.optionalText("for") != nil else {
                throw UsageError(description: "chatd admin ban needs --for TIME, such as --for 1h")
            }
            guard let duration = WrittenDuration.parse(values.text("for")) else {
                throw values.error("for", value: values.text("for"), "is not a time such as 90s, 15m, 1h or 7d")
            }
            members.append(("seconds", JSONText(integer: Int(duration / .seconds(1)))))
        }
        do {
            return try AdminRequest(JSONText(object: members).utf8.map { $0 })
        } catch {
            throw UsageError(description: "\(command): \(error)")
        }
    }
}

extension AdminOptions {
    /// The argument of a command, as a member of the request; nil for a command without one.
    private static func argument(
        of command: String, _ words: ArraySlice<String>
    ) throws(UsageError) -> (String, JSONText)? {
        switch command {
        case "delete":
            guard !words.isEmpty else {
                throw UsageError(description: "chatd admin delete needs the id of a message, or several")
            }
            return ("ids", JSONText(array: words.map { JSONText(integer: Int($0) ?? 0) }))
        case "disconnect", "ban", "unban", "announce":
            guard words.count == 1, let word = words.first else {
                throw UsageError(
                    description: "chatd admin \(command) needs one argument; a text with spaces needs quotes")
            }
            return (command == "announce" ? "text" : "target", JSONText(string: word))
        default:
            guard words.isEmpty else { throw UsageError(description: "chatd admin \(command) has no argument") }
            return nil
        }
    }
}

/// The words of the command line: options anywhere, and the command with its argument.
private struct AdminWords {
    private(set) var options: [String] = []
    private(set) var rest: [String] = []
    private(set) var isJSON = false

    /// True if the command line has an option.
    func has(_ name: String) -> Bool {
        options.contains { $0 == "--\(name)" || $0.hasPrefix("--\(name)=") }
    }

    init(_ arguments: [String]) {
        var words = arguments[...]
        while let word = words.popFirst() {
            if word == "--" {
                rest += words
                return
            }
            if word == "--json" {
                isJSON = true
            } else if word.hasPrefix("--") {
                options.append(word)
                if !word.contains("="), let value = words.popFirst() { options.append(value) }
            } else {
                rest.append(word)
            }
        }
    }
}
