import Actors
import Cluster

/// The options of `chatd emit`, and the event.
struct EmitOptions {
    /// What to send.
    enum Input: Equatable {
        case event(String, Arguments)
        /// Events from standard input, one in a line.
        case lines
    }

    let url: String
    let timeout: Duration
    let namespace: String
    let rooms: [String]
    let exceptions: [String]
    let isVolatile: Bool
    let input: Input

    /// The options that have one value.
    private static let single = [
        CommandOption(
            name: ConfigurationFile.option.name, value: "FILE", defaultValue: "",
            help: "The configuration file of a server, of which --backplane is used."),
        CommandOption(
            name: "backplane", value: "URL", defaultValue: "",
            help: "The address that the servers have as --backplane: redis://…, redis-sharded://…, "
                + "redis-streams://… or postgres://…"),
        CommandOption(
            name: "namespace", value: "NAME", defaultValue: "/",
            help: "The namespace whose clients get the event."),
        CommandOption(
            name: "timeout", value: "MS", defaultValue: "10000",
            help: "Milliseconds in which the service must confirm each event."),
    ]

    /// The options that may be given several times, and the one without a value. No variables set them.
    private static let others = [
        CommandOption(
            name: "to", value: "ROOM", defaultValue: "",
            help: "A room whose members get the event, also the id of a socket. May be repeated. Without it, all "
                + "clients of the namespace get the event.",
            hasVariable: false),
        CommandOption(
            name: "except", value: "ROOM", defaultValue: "",
            help: "A room whose members do not get the event. May be repeated.", hasVariable: false),
        CommandOption(
            name: "volatile", value: "", defaultValue: "",
            help: "Clients that are not ready to receive the event miss it.", hasVariable: false),
    ]

    static let declarations = single + others

    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        var words = EmitWords(arguments)
        try words.readOptions()
        let values = try OptionValues(
            words.options, of: Self.declarations, environment: environment, readFile: ConfigurationFile.init(path:))
        guard let url = values.optionalText("backplane") else {
            throw UsageError(description: "--backplane is needed: chatd emit --backplane URL EVENT [JSON] …")
        }
        guard !DatabaseChoice.hasMisplacedUser(url) else {
            throw values.error("backplane", value: url, "has a slash too many before the user")
        }
        self.url = url
        timeout = try values.milliseconds("timeout", in: 1...3_600_000)
        namespace = try values.nonEmptyText("namespace")
        (rooms, exceptions, isVolatile) = (words.rooms, words.exceptions, words.isVolatile)
        guard let name = words.rest.first else {
            throw UsageError(description: "the event's name is missing: chatd emit --backplane URL EVENT [JSON] …")
        }
        input = name == "-" ? try Self.lines(words.rest) : .event(name, try Self.arguments(words.rest.dropFirst()))
    }

    private static func lines(_ words: ArraySlice<String>) throws(UsageError) -> Input {
        guard words.count == 1 else {
            throw UsageError(description: "- reads events from standard input, so no argument can follow it")
        }
        return .lines
    }

    private static func arguments(_ words: ArraySlice<String>) throws(UsageError) -> Arguments {
        var list: [UInt8] = []
        for (index, word) in words.enumerated() {
            guard let argument = try? Arguments(slice: Array(word.utf8)), argument.count == 1 else {
                throw UsageError(
                    description: "argument \(index + 1) of the event is not JSON: \(word) (a text needs quotes of its "
                        + "own, as in '\"text\"')")
            }
            if index > 0 { list.append(UInt8(ascii: ",")) }
            list += argument.slice
        }
        guard let arguments = try? Arguments(slice: list) else {
            throw UsageError(description: "the arguments of the event are not JSON")
        }
        return arguments
    }
}

/// The words of the command line: first options, then the event and its arguments, which may begin with dashes.
private struct EmitWords {
    private(set) var rest: ArraySlice<String>
    /// The options with one value, as they are written.
    private(set) var options: [String] = []
    private(set) var rooms: [String] = []
    private(set) var exceptions: [String] = []
    private(set) var isVolatile = false

    init(_ arguments: [String]) {
        rest = arguments[...]
    }

    mutating func readOptions() throws(UsageError) {
        while let word = rest.first, word.hasPrefix("--") {
            rest.removeFirst()
            if word == "--" { return }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch parts[0] {
            case "--to": rooms.append(try value(parts))
            case "--except": exceptions.append(try value(parts))
            case "--volatile":
                guard parts.count == 1 else { throw UsageError(description: "option --volatile has no value") }
                isVolatile = true
            default:
                options.append(word)
                if parts.count == 1, let value = rest.popFirst() { options.append(value) }
            }
        }
    }

    private mutating func value(_ parts: [String]) throws(UsageError) -> String {
        guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else {
            throw UsageError(description: "option \(parts[0]) needs a value")
        }
        return value
    }
}
