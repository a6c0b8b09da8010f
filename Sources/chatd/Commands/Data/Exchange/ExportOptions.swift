/// The options of `chatd export`.
struct ExportOptions: Equatable {
    let database: DatabaseChoice
    /// The file to create; nil for standard output.
    let target: String?
    let replaces: Bool

    static let declarations = [
        DataOptions.database("FILE|URL", "The database. It is not changed, and a server may use it."),
        CommandOption(
            name: "to", value: "FILE", defaultValue: "-", help: "The file to create; - is standard output.",
            hasVariable: false),
        DataOptions.replace,
    ]

    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        let values = try OptionValues(arguments, of: Self.declarations, environment: environment)
        database = try values.database("db")
        guard database != .sqlite(path: ":memory:") else {
            throw UsageError(description: "--db: a database in memory has no file")
        }
        let target = try values.nonEmptyText("to")
        self.target = target == "-" ? nil : target
        replaces = values.flag("replace")
        guard self.target != nil || !replaces else {
            throw UsageError(description: "--replace needs --to: standard output is not replaced")
        }
    }
}
