/// The options of `chatd doctor`.
struct DoctorOptions: Equatable {
    let database: DatabaseChoice
    let isFull: Bool

    static let declarations = [
        DataOptions.database("FILE|URL", "The database. A server may use it."),
        CommandOption(
            name: "full", value: "", defaultValue: "",
            help: "Compares the indexes of an SQLite database with its tables too, which takes several times as long.",
            hasVariable: false, isFlag: true),
    ]

    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        let values = try OptionValues(arguments, of: Self.declarations, environment: environment)
        database = try values.database("db")
        guard database != .sqlite(path: ":memory:") else {
            throw UsageError(description: "--db: a database in memory has no file")
        }
        isFull = values.flag("full")
    }
}
