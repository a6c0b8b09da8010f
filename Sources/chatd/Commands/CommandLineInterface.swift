import Glibc

/// Finds the command that is meant and runs it.
enum CommandLineInterface {
    static let version = "0.1.0"

    /// Does not return.
    static func run(_ arguments: [String]) -> Never {
        do {
            try perform(arguments)
        } catch {
            Console.complain("chatd: \(error); see chatd --help")
            exit(ExitCode.usage)
        }
    }

    private static func perform(_ arguments: [String]) throws(UsageError) -> Never {
        switch arguments.first {
        case "--help", "-h", "help":
            Console.print(Help.overview)
        case "--version":
            Console.print("chatd \(version)")
        case "serve" where arguments.contains("--help") || arguments.contains("-h"):
            Console.print(Help.serve)
        case "serve":
            let options = try ServeOptions(Array(arguments.dropFirst()), environment: environment())
            ServeCommand.run(options)
        case "supervise" where arguments.contains("--help") || arguments.contains("-h"):
            Console.print(Help.supervise)
        case "supervise":
            let options = try SuperviseOptions(Array(arguments.dropFirst()), environment: environment())
            SuperviseCommand.run(options)
        case WorkerOptions.command:
            let worker = try WorkerOptions(arguments.dropFirst())
            let options = try ServeOptions(Array(arguments.dropFirst(4)), environment: environment())
            WorkerCommand.run(worker, options)
        case nil:
            throw UsageError(description: "a command is missing")
        case let word?:
            throw UsageError(description: "unknown command \"\(word)\"")
        }
        exit(ExitCode.success)
    }

    /// The environment, of which only the variables for chatd are looked at.
    private static func environment() -> [String: String] {
        let aliases = SuperviseOptions.declarations.compactMap(\.alias)
        let names = SuperviseOptions.declarations.map(\.environmentVariable) + aliases
        var found: [String: String] = [:]
        for name in names {
            if let value = getenv(name) { found[name] = String(cString: value) }
        }
        return found
    }
}
