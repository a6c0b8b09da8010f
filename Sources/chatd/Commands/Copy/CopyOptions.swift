/// The options of `chatd copy`.
struct CopyOptions {
    /// The path of the SQLite file.
    let source: String
    /// The URL of the PostgreSQL database.
    let target: String

    static let declarations = [
        CommandOption(
            name: "from", value: "FILE", defaultValue: "",
            help: "The SQLite database. It is opened for reading and not changed, and must not be written meanwhile."),
        CommandOption(
            name: "to", value: "URL", defaultValue: "",
            help: "The PostgreSQL database, postgres://USER@HOST/DATABASE. It must have no messages, except those of "
                + "an earlier copy of the same file. The password may come from PGPASSWORD or PGPASSFILE."),
    ]

    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        let values = try OptionValues(arguments, of: Self.declarations, environment: environment)
        for name in ["from", "to"] where values.optionalText(name) == nil {
            throw UsageError(description: "--\(name) is needed: chatd copy --from FILE --to URL")
        }
        guard case .sqlite(let path) = try values.database("from"), path != ":memory:" else {
            throw UsageError(description: "--from: only an SQLite file can be copied")
        }
        // The text may have a password, so it is not repeated.
        guard case .postgres(let url) = DatabaseChoice(values.text("to")),
            !DatabaseChoice.hasMisplacedUser(values.text("to"))
        else {
            throw UsageError(description: "--to: the URL does not have the form postgres://USER@HOST/DATABASE")
        }
        (source, target) = (path, url)
    }
}
