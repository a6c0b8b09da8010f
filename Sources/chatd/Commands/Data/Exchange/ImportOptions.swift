/// The options of `chatd import`.
struct ImportOptions: Equatable {
    /// The file to read; nil for standard input.
    let source: String?
    let database: DatabaseChoice

    static let declarations = [
        CommandOption(
            name: "from", value: "FILE", defaultValue: "-",
            help: "The export to read; - is standard input.", hasVariable: false),
        DataOptions.database(
            "FILE|URL",
            "The database, which must be empty or missing, or have messages of an earlier import of the "
                + "same file. No server may use it."),
    ]

    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        let values = try OptionValues(arguments, of: Self.declarations, environment: environment)
        let source = try values.nonEmptyText("from")
        self.source = source == "-" ? nil : source
        database = try values.database("db")
        guard database != .sqlite(path: ":memory:") else {
            throw UsageError(description: "--db: a database in memory has no file")
        }
    }
}
