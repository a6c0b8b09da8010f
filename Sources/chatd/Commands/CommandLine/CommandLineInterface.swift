import Cluster
import Glibc

/// Parses the command line and runs its command.
enum CommandLineInterface {
    /// A parsed command line.
    enum Request: Equatable {
        case help(String)
        case version
        case serve([String])
        case supervise([String])
        case worker([String])
        case check([String])
        case health([String])
        case copy([String])
        case emit([String])
        case backup([String])
        case restore([String])
        case export([String])
        case `import`([String])
        case doctor([String])
        case completions([String])
        case manual([String])
        case admin([String])
    }

    private static let named = CommandDescription.all.map(\.name)
    private static let commands = named + ["help", "version"]

    static func run(_ arguments: [String]) -> Never {
        do {
            try perform(try request(arguments))
        } catch {
            Console.complain("chatd: \(Secrets.masked("\(error)")); see chatd --help")
            exit(ExitCode.usage)
        }
    }

    /// - Throws: ``UsageError`` for a command line without a known command.
    static func request(_ arguments: [String]) throws(UsageError) -> Request {
        if let asked = helpOrVersion(arguments) { return asked }
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "serve": return .serve(rest)
        case "supervise": return .supervise(rest)
        case "check": return .check(rest)
        case "health": return .health(rest)
        case "copy": return .copy(rest)
        case "emit": return .emit(rest)
        case "backup": return .backup(rest)
        case "restore": return .restore(rest)
        case "export": return .export(rest)
        case "import": return .import(rest)
        case "doctor": return .doctor(rest)
        case "completions": return .completions(rest)
        case "manual": return .manual(rest)
        case "admin": return .admin(rest)
        case WorkerOptions.command: return .worker(rest)
        case nil: throw UsageError(description: "a command is missing: chatd serve, or chatd supervise")
        case let word? where word.hasPrefix("-"):
            let name = String(word.drop { $0 == "-" }.prefix { $0 != "=" })
            guard !commands.contains(name) else {
                throw UsageError(description: "--\(name) is not an option (did you mean chatd \(name)?)")
            }
            if word.hasPrefix("--"), let option = Suggestion.nearest(to: name, among: ["help", "version"]) {
                throw UsageError(description: "unknown option --\(name) (did you mean --\(option)?)")
            }
            throw UsageError(
                description: "a command is missing before \(Secrets.masked(word)): \(withCommandFirst(arguments))")
        case let word?:
            throw UsageError.unknown("command \"\(word)\"", nearest: word, among: commands) { "chatd \($0)" }
        }
    }

    /// A corrected form of a command line that begins with an option.
    private static func withCommandFirst(_ arguments: [String]) -> String {
        let command = arguments.firstIndex { named.contains($0) }
        var rest = arguments
        let words = ["chatd", command.map { rest.remove(at: $0) } ?? "serve"] + rest.map(Secrets.masked)
        return words.joined(separator: " ")
    }

    /// The request for the help or the version, if the command line is one: an option anywhere, or the word `help` or
    /// `version` as the command or directly after it.
    private static func helpOrVersion(_ arguments: [String]) -> Request? {
        for (index, word) in arguments.enumerated() {
            let standsFirst = index == 0 || index == 1 && commands.contains(arguments[0])
            switch word {
            case "--help", "-h", "-?": return help(arguments)
            case "--version", "-V", "-v": return .version
            case "help" where standsFirst: return help(arguments)
            // `chatd help version` prints the help.
            case "version" where standsFirst && arguments[0] != "help": return .version
            default: continue
            }
        }
        return nil
    }

    /// The help of the first command that the command line names, or the overview.
    private static func help(_ arguments: [String]) -> Request {
        let command = arguments.lazy.compactMap { word in CommandDescription.all.first { $0.name == word } }.first
        return .help(command?.help ?? Help.overview)
    }

    private static func perform(_ request: Request) throws(UsageError) -> Never {
        let options = SuperviseOptions.declarations
        let variables = EnvironmentVariables.ofProcess(
            known: Set(
                (options + HealthOptions.declarations + CopyOptions.declarations + EmitOptions.declarations
                    + AdminOptions.declarations)
                    .filter(\.hasVariable).map(\.environmentVariable) + options.compactMap(\.alias)))
        switch request {
        case .help(let text):
            Console.print(text)
        case .version:
            Console.print("chatd \(Version.current)")
        case .serve(let words):
            let service = ServiceEnvironment.take()
            let options = try parse(for: service) { () throws(UsageError) in
                try ServeOptions(words, environment: variables.values)
            }
            ServeCommand.run(options, notes: variables.notes + service.notes + warnings(options), service)
        case .supervise(let words):
            let service = ServiceEnvironment.take()
            let options = try parse(for: service) { () throws(UsageError) in
                try SuperviseOptions(words, environment: variables.values, opensSockets: !service.passesSockets)
            }
            let notes = variables.notes + service.notes + warnings(options.serve)
            SuperviseCommand.run(
                options,
                { () throws(UsageError) in try SuperviseOptions.values(words, environment: variables.values) },
                notes: notes, service)
        case .worker(let words):
            let worker = try WorkerOptions(words)
            WorkerCommand.run(worker, try worker.readServeOptions())
        case .check(let words):
            CheckCommand.run(try CheckOptions(words, environment: variables.values), notes: variables.notes)
        case .health(let words):
            HealthCommand.run(try HealthOptions(words, environment: variables.values))
        case .copy(let words):
            CopyCommand.run(try CopyOptions(words, environment: variables.values))
        case .emit(let words):
            EmitCommand.run(try EmitOptions(words, environment: variables.values))
        case .backup, .restore, .export, .import, .doctor:
            try perform(onData: request, environment: variables.values)
        case .completions(let words):
            guard words.count == 1, let shell = Shell(rawValue: words[0]) else {
                throw UsageError(description: "usage: \(CommandDescription.completions.synopsis)")
            }
            Console.print(Completions.script(of: CommandDescription.all, for: shell))
        case .manual(let words):
            guard words.isEmpty else { throw UsageError(description: "manual has no arguments") }
            Console.print(ManualPage.text(of: CommandDescription.all, version: Version.current))
        case .admin(let words) where words.first == HashPasswordCommand.name:
            try HashPasswordCommand.run(Array(words.dropFirst()))
        case .admin(let words):
            AdminCommand.run(try AdminOptions(words, environment: variables.values))
        }
        exit(ExitCode.success)
    }

    private static func warnings(_ options: ServeOptions) -> [String] {
        options.warnings.map { "warning: \($0)" }
    }

    /// Runs a command for the care of a database.
    private static func perform(onData request: Request, environment: [String: String]) throws(UsageError) {
        switch request {
        case .backup(let words): BackupCommand.run(try BackupOptions(words, environment: environment))
        case .restore(let words): RestoreCommand.run(try RestoreOptions(words, environment: environment))
        case .export(let words): ExportCommand.run(try ExportOptions(words, environment: environment))
        case .import(let words): ImportCommand.run(try ImportOptions(words, environment: environment))
        case .doctor(let words): DoctorCommand.run(try DoctorOptions(words, environment: environment))
        default: return
        }
    }

    /// Calls `options`, and tells the service manager about an error.
    private static func parse<Options>(
        for service: ServiceEnvironment, _ options: () throws(UsageError) -> Options
    ) throws(UsageError) -> Options {
        do {
            return try options()
        } catch {
            ServiceManager.startFailed(error, service)
            throw error
        }
    }
}
