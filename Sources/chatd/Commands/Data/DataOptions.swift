import Persistence

/// Options that the commands on a database share.
enum DataOptions {
    /// The option for the database, which has the variable of the server's option.
    static func database(_ value: String, _ help: String) -> CommandOption {
        CommandOption(name: "db", value: value, defaultValue: "chat.db", help: help)
    }

    static let replace = CommandOption(
        name: "replace", value: "", defaultValue: "", help: "Replaces the file of --to if it exists.",
        hasVariable: false, isFlag: true)
}

extension OptionValues {
    /// The path of an SQLite file.
    /// - Parameter advice: what to do with a PostgreSQL database instead.
    func sqliteFile(_ name: String, advice: String) throws(UsageError) -> String {
        switch try database(name) {
        case .postgres: throw UsageError(description: "--\(name): this is for SQLite files; \(advice)")
        case .sqlite(":memory:"): throw UsageError(description: "--\(name): a database in memory has no file")
        case .sqlite(let path): return path
        }
    }

    /// The messages to keep; nil for all.
    func retention(_ name: String) throws(UsageError) -> Retention? {
        guard let text = optionalText(name) else { return nil }
        if text.last == "d", let days = Int64(text.dropLast()), (1...36500).contains(days) {
            return .age(.seconds(days * 24 * 3600))
        }
        if let count = Int64(text), count > 0 { return .count(count) }
        throw error(name, value: text, "is neither a number of days such as 30d, nor a number of messages")
    }

    /// The path of a file that the command cannot do without.
    /// - Parameter usage: the form of the command.
    func neededFile(_ name: String, usage: String) throws(UsageError) -> String {
        guard let path = optionalText(name) else {
            throw UsageError(description: "--\(name) is needed: \(usage)")
        }
        return path
    }
}
