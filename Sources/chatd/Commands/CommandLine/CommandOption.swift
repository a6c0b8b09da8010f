/// One option of a command: its name, its default and its help.
struct CommandOption: Sendable {
    /// The name without dashes. The environment variable is `CHATD_` and the name in capitals.
    let name: String
    /// The placeholder for the value in the help.
    let value: String
    /// The default, written as on the command line.
    let defaultValue: String
    /// The option's effect, with the unit of its value.
    let help: String
    /// An environment variable that other servers use for the same purpose; it has the lowest precedence.
    var alias: String?
    /// True if the value must not be logged.
    var isSecret = false
    /// False if only the command line sets the option.
    var hasVariable = true

    var environmentVariable: String {
        "CHATD_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }
}

/// The values of a command's options: from the command line, else from the environment, else the default.
struct OptionValues {
    /// An option with an explicit value.
    struct Setting {
        let option: CommandOption
        let value: String
        /// The option, such as `--port`, or the environment variable.
        let source: String
    }

    private let options: [CommandOption]
    private let given: [String: String]
    private let environment: [String: String]

    /// - Throws: ``UsageError`` for an unknown option, an option without a value, or a word that is not an option.
    init(_ arguments: [String], of options: [CommandOption], environment: [String: String]) throws(UsageError) {
        var given: [String: String] = [:]
        var rest = arguments[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else { throw UsageError.unexpected(word, options) }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard options.contains(where: { $0.name == name }) else {
                throw UsageError.unknown("option \(word)", nearest: name, among: options.map(\.name)) { "--\($0)" }
            }
            guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
                throw UsageError(description: "option --\(name) needs a value")
            }
            given[name] = value
        }
        self.options = options
        self.given = given
        self.environment = environment
    }

    /// The value of an option and its source, for error messages.
    func value(_ name: String) -> (text: String, source: String) {
        // Each command reads the options of its own list, with names from the source code.
        guard let option = options.first(where: { $0.name == name }) else {
            preconditionFailure("option \(name) is not declared")
        }
        return setting(of: option) ?? (option.defaultValue, "--\(name)")
    }

    /// The explicit value of an option and its source; nil if the default applies.
    private func setting(of option: CommandOption) -> (text: String, source: String)? {
        if let text = given[option.name] { return (text, "--\(option.name)") }
        for variable in [option.environmentVariable, option.alias].compactMap({ $0 }) {
            if let text = environment[variable], !text.isEmpty { return (text, variable) }
        }
        return nil
    }

    /// True if the option has an explicit value.
    func isExplicit(_ name: String) -> Bool {
        settings.contains { $0.option.name == name }
    }

    /// The options with explicit values, in the order of their declarations.
    var settings: [Setting] {
        options.compactMap { option in
            setting(of: option).map { Setting(option: option, value: $0.text, source: $0.source) }
        }
    }

    func text(_ name: String) -> String { value(name).text }

    /// A text, or nil if it is empty.
    func optionalText(_ name: String) -> String? {
        let text = value(name).text
        return text.isEmpty ? nil : text
    }

    /// - Throws: ``UsageError`` for an empty text.
    func nonEmptyText(_ name: String) throws(UsageError) -> String {
        let (text, source) = value(name)
        guard !text.isEmpty else { throw UsageError(description: "\(source): the value is empty") }
        return text
    }

    /// The elements of a list separated by commas, and its source; nil if the option is empty. Spaces around elements
    /// and empty elements are removed.
    /// - Throws: ``UsageError`` for a list without elements.
    func list(_ name: String) throws(UsageError) -> (elements: [String], source: String)? {
        let (text, source) = value(name)
        guard !text.isEmpty else { return nil }
        let elements = text.split(separator: ",").map { element in
            String(element.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
        guard !elements.isEmpty else { throw UsageError(description: "\(source): \"\(text)\" has no elements") }
        return (elements, source)
    }

    /// The arguments that set these options on this command line, to pass them to another process.
    func given(of options: [CommandOption]) -> [String] {
        options.compactMap { option in given[option.name].map { "--\(option.name)=\($0)" } }
    }

    /// - Parameter word: a word that is allowed in place of a number, for the error message.
    func integer(_ name: String, in range: ClosedRange<Int>, or word: String? = nil) throws(UsageError) -> Int {
        let (text, source) = value(name)
        guard let number = Int(text), range.contains(number) else {
            let alternative = word.map { "\($0) or " } ?? ""
            throw UsageError(
                description: "\(source): \"\(text)\" is not \(alternative)a whole number from "
                    + "\(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func milliseconds(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Duration {
        .milliseconds(try integer(name, in: range))
    }

    /// - Throws: ``UsageError`` unless the value is one of the words.
    func word(_ name: String, of words: [String]) throws(UsageError) -> String {
        let (text, source) = value(name)
        guard words.contains(text) else {
            throw UsageError(description: "\(source): \"\(text)\" is none of \(words.joined(separator: ", "))")
        }
        return text
    }
}
