/// The commands on a database.
extension CommandDescription {
    private static let dataExitCodes = "0 done, 64 usage, 69 a file or database is unavailable or not suitable"

    static let backup = CommandDescription(
        name: "backup", form: "--db FILE --to FILE", purpose: "copy a database while it is served",
        summary: "Copies an SQLite database to a file, which only its owner can read. A server may use the database "
            + "meanwhile; the copy is the state at one moment. It is checked for damage. If the command is "
            + "interrupted, nothing has the name of the copy. Prints a summary; a terminal shows the progress.",
        options: BackupOptions.declarations, exitCodes: dataExitCodes)

    static let restore = CommandDescription(
        name: "restore", form: "--from FILE --db FILE", purpose: "put a backup in the place of a database",
        summary: "Puts a backup in the place of an SQLite database, while no server uses it. The backup is checked for "
            + "damage first, and the replaced database is kept. New messages get ids above those of the replaced "
            + "one, so that clients miss none of them.",
        options: RestoreOptions.declarations, exitCodes: dataExitCodes)

    static let export = CommandDescription(
        name: "export", form: "--db FILE|URL [--to FILE]", purpose: "write the messages as JSON lines",
        summary: "Writes the messages of a database as JSON lines: one object for each, with the id, the texts and the "
            + "time. A server may use the database meanwhile; messages stored after the start are left out. A "
            + "terminal shows the progress and an estimate of the size.",
        options: ExportOptions.declarations, exitCodes: dataExitCodes)

    static let `import` = CommandDescription(
        name: "import", form: "--from FILE --db FILE|URL", purpose: "read them into an empty database",
        summary: "Reads an export into an empty database. The messages keep their ids, and clients continue with it. "
            + "An import that was interrupted continues when it is repeated with the same export, and no server uses "
            + "the database before it has ended. A complete one that is repeated changes nothing.",
        options: ImportOptions.declarations,
        exitCodes: "0 done, 64 usage, 65 a line is not one of an export, which is named with its number, 69 a file "
            + "or database is unavailable or not suitable")

    static let doctor = CommandDescription(
        name: "doctor", form: "--db FILE|URL", purpose: "examine a database, and give advice",
        summary: "Examines a database and changes nothing: damage, files and their permissions, the write-ahead log, "
            + "the version of the tables, the number of messages, free space, and what interrupted commands have "
            + "left. Prints one line for each finding, which begins with ok, warning or problem.",
        options: DoctorOptions.declarations, exitCodes: "0 no problem, 1 a problem, 64 usage")

    static let copy = CommandDescription(
        name: "copy", form: "--from FILE --to URL", purpose: "copy an SQLite database to PostgreSQL",
        summary: "Copies the messages of an SQLite database to PostgreSQL, with their ids, so that the clients of the "
            + "one continue with the other. No chatd may serve either of them meanwhile. The copy may be "
            + "interrupted: the same command continues it. Prints a summary; the progress goes to standard error.",
        options: CopyOptions.declarations,
        exitCodes: "0 everything is copied, 64 usage, 69 a database is unavailable or not suitable")
}
