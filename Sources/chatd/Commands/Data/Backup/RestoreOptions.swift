/// The options of `chatd restore`.
struct RestoreOptions: Equatable {
    /// The path of the backup.
    let backup: String
    /// The path of the database.
    let database: String

    static let declarations = [
        CommandOption(
            name: "from", value: "FILE", defaultValue: "",
            help: "The backup, or another SQLite database of chatd or of the tutorial. It is not changed.",
            hasVariable: false),
        DataOptions.database(
            "FILE",
            "The SQLite database to replace or to create. The replaced one is kept beside it, with "
                + ".before-restore- and the time after its name."),
    ]

    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        let values = try OptionValues(arguments, of: Self.declarations, environment: environment)
        backup = try values.neededFile("from", usage: "chatd restore --from BACKUP --db FILE")
        database = try values.sqliteFile("db", advice: "use pg_restore for PostgreSQL")
    }
}
