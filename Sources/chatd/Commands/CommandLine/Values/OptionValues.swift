/// The values of a command's options: from the command line, else from the environment, else from the configuration
/// file, else from a variable of other servers, else the default.
struct OptionValues {
    /// An option with an explicit value.
    struct Setting {
        let option: CommandOption
        let value: String
        let source: OptionSource
    }

    private let options: [CommandOption]
    /// The explicit values by option.
    private var explicit: [String: (text: String, source: OptionSource)] = [:]
    /// The configuration file; nil if there is none.
    private(set) var file: ConfigurationFile?
    /// The content of the file with the keys of tokens that the primary process has passed; nil if this process reads
    /// it by itself.
    private(set) var passedKeys: String?
    /// What the primary process has passed for the dashboard; nil if this process reads it by itself.
    private(set) var passedAdminUI: String?
    /// The lines of the last known bans that the primary process has passed, because their file cannot be read.
    private(set) var passedBans: String?
    /// The name of the host that the primary process has passed.
    private(set) var passedHost: String?

    /// - Parameters:
    ///   - environment: the variables that are options.
    ///   - readFile: reads the configuration file at a path; nil if this command has none.
    /// - Throws: ``UsageError`` for an unknown option, an option without a value, or a word that is not an option, and
    ///   for a configuration file that cannot be read.
    init(
        _ arguments: [String], of options: [CommandOption], environment: [String: String],
        readFile: ((_ path: String) throws(UsageError) -> ConfigurationFile)? = nil
    ) throws(UsageError) {
        self.options = options
        let given = try Self.parse(arguments, options)
        for option in options {
            if let text = given[option.name] {
                explicit[option.name] = (text, .commandLine)
            } else if option.hasVariable {
                use(option.environmentVariable, of: environment, for: option)
            }
        }
        if let readFile, let path = optionalText(ConfigurationFile.option.name) { use(try readFile(path)) }
        for option in options where explicit[option.name] == nil {
            if let alias = option.alias { use(alias, of: environment, for: option) }
        }
    }

    /// Takes the value of a variable. A program that sets variables may be unable to leave one out, so an empty one
    /// counts as missing.
    private mutating func use(_ variable: String, of environment: [String: String], for option: CommandOption) {
        guard let text = environment[variable], !text.isEmpty else { return }
        explicit[option.name] = (text, .variable(variable))
    }

    private mutating func use(_ file: ConfigurationFile) {
        self.file = file
        for option in options where explicit[option.name] == nil {
            guard let entry = file.entries[option.name] else { continue }
            explicit[option.name] = (entry.value, .file(file.name, line: entry.line))
        }
    }

    /// The values that the primary process has passed to a worker. Nothing else sets them.
    init(passed settings: WorkerSettings, of options: [CommandOption]) throws(UsageError) {
        self.options = options
        passedKeys = settings.keys
        passedAdminUI = settings.adminUI
        passedBans = settings.bans
        passedHost = settings.host
        for (name, text) in settings.values {
            guard options.contains(where: { $0.name == name }) else {
                throw UsageError(description: "the supervisor has passed the unknown option \(name)")
            }
            explicit[name] = (text, .supervisor)
        }
    }

    /// The words of a command line by option.
    private static func parse(
        _ arguments: [String], _ options: [CommandOption]
    ) throws(UsageError) -> [String: String] {
        var given: [String: String] = [:]
        var rest = arguments[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else { throw UsageError.unexpected(word, options) }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard options.contains(where: { $0.name == name }) else {
                // The value is not repeated, because the option may be a mistyped secret one.
                throw UsageError.unknown("option --\(name)", nearest: name, among: options.map(\.name)) { "--\($0)" }
            }
            if let flag = options.first(where: { $0.name == name && $0.isFlag }) {
                // A flag that a variable can set has the values on and off.
                guard parts.count == 1 || flag.hasVariable else {
                    throw UsageError(description: "option --\(name) has no value")
                }
                given[name] = parts.count > 1 ? String(parts[1]) : flag.hasVariable ? "on" : ""
                continue
            }
            guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
                throw UsageError(description: "option --\(name) needs a value")
            }
            given[name] = value
        }
        return given
    }

    private func option(_ name: String) -> CommandOption {
        // Each command reads the options of its own list, with names from the source code.
        guard let option = options.first(where: { $0.name == name }) else {
            preconditionFailure("option \(name) is not declared")
        }
        return option
    }

    func text(_ name: String) -> String {
        explicit[name]?.text ?? option(name).defaultValue
    }

    /// Where the value of an option comes from.
    func source(_ name: String) -> OptionSource {
        explicit[name]?.source ?? .standard
    }

    /// True if the option is given, for an option without a value.
    func flag(_ name: String) -> Bool { explicit[name] != nil }

    /// True if the option has an explicit value.
    func isExplicit(_ name: String) -> Bool {
        explicit[name] != nil
    }

    /// True if the option has its default, also if that is written explicitly.
    func isDefault(_ name: String) -> Bool { text(name) == option(name).defaultValue }

    /// The options with explicit values, in the order of their declarations.
    var settings: [Setting] {
        options.compactMap { option in
            explicit[option.name].map { Setting(option: option, value: $0.text, source: $0.source) }
        }
    }

    /// All options, in the order of their declarations, with the values that apply.
    var all: [Setting] {
        options.map { Setting(option: $0, value: text($0.name), source: source($0.name)) }
    }

    // MARK: Changes

    /// Discards an explicit value, so that the default applies.
    /// - Returns: false if there is no explicit value.
    mutating func discard(_ name: String) -> Bool {
        explicit.removeValue(forKey: name) != nil
    }

    /// These values, with the earlier ones of the options that need a restart.
    func holding(_ earlier: OptionValues) -> OptionValues {
        var held = self
        for option in options where option.needsRestart { held.explicit[option.name] = earlier.explicit[option.name] }
        return held
    }

    /// The options whose values differ from others.
    func changes(from earlier: OptionValues) -> [CommandOption] {
        options.filter { text($0.name) != earlier.text($0.name) }
    }

    /// The explicit values of some options, to pass them to a worker.
    func values(of options: [CommandOption]) -> [String: String] {
        explicit.filter { name, _ in options.contains { $0.name == name } }.mapValues(\.text)
    }

    // MARK: Errors

    /// The error of an option's value, with its source.
    /// - Parameter others: the other options that the error is about.
    func error(_ name: String, _ reason: String, others: [String] = []) -> UsageError {
        UsageError(description: "\(source(name).name(of: name)): \(reason)", option: name, others: others)
    }

    /// The error of an option's value, which is repeated without its secrets.
    func error(_ name: String, value text: String, _ reason: String) -> UsageError {
        error(name, "\"\(Secrets.masked(text, of: option(name)))\" \(reason)")
    }
}
