/// What `chatd check` checks: the options of a start, with every mistake in them.
struct CheckOptions {
    /// A command that could be started.
    enum Command: String {
        case serve
        case supervise
    }

    let command: Command
    /// The values in force. Wrong ones are replaced by the defaults.
    let values: OptionValues
    /// The options made of the values.
    let options: SuperviseOptions
    /// The mistakes in the values and in the configuration file.
    let mistakes: [String]
    /// The options with wrong values.
    let wrong: Set<String>

    static var declarations: [CommandOption] { SuperviseOptions.declarations }

    /// - Parameter words: the arguments after the command: `serve` or `supervise`, and options. Without one of the two,
    ///   it is `supervise` if one of its own options is set.
    /// - Throws: ``UsageError`` for a command line with unknown options, and for a file that cannot be read.
    init(_ words: [String], environment: [String: String]) throws(UsageError) {
        let named = words.first.flatMap(Command.init(rawValue:))
        let values = try OptionValues(
            named == nil ? words : Array(words.dropFirst()), of: Self.declarations, environment: environment,
            readFile: ConfigurationFile.read)
        let isSupervise = SuperviseOptions.own.contains { values.isExplicit($0.name) }
        try self.init(values, named ?? (isSupervise ? .supervise : .serve))
    }

    private init(_ values: OptionValues, _ command: Command) throws(UsageError) {
        self.command = command
        var values = values
        var mistakes = values.file?.problems ?? []
        var wrong = Set(mistakes.compactMap(\.option))
        while true {
            do throws(UsageError) {
                options = try SuperviseOptions(values, hasWorkers: command == .supervise)
                break
            } catch {
                // With the default in place of the wrong value, the next mistake shows.
                let names = [error.option].compactMap { $0 } + error.others
                guard let discarded = names.first(where: { values.discard($0) }) else { throw error }
                if wrong.isDisjoint(with: names) { mistakes.append(error) }
                wrong.formUnion([names[0], discarded])
            }
        }
        self.values = values
        self.wrong = wrong
        self.mistakes = mistakes.map(\.description)
    }
}
