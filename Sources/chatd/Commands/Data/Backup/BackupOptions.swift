/// The options of `chatd backup`.
struct BackupOptions: Equatable {
    /// The path of the SQLite file.
    let source: String
    /// The path of the copy.
    let target: String
    let replaces: Bool

    static let declarations = [
        DataOptions.database("FILE", "The SQLite database. It is opened for reading and not changed."),
        CommandOption(
            name: "to", value: "FILE", defaultValue: "",
            help: "The file to create. It has this name when it is complete; until then .partial follows the name.",
            hasVariable: false),
        DataOptions.replace,
    ]

    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        let values = try OptionValues(arguments, of: Self.declarations, environment: environment)
        source = try values.sqliteFile("db", advice: "use pg_dump for PostgreSQL")
        target = try values.neededFile("to", usage: "chatd backup --db FILE --to FILE")
        guard target != "-" else {
            throw UsageError(
                description: "--to: a backup is checked after it was written, so it needs a file; "
                    + "chatd export writes to standard output")
        }
        replaces = values.flag("replace")
    }
}
