/// The texts of `--help` for the commands on a database.
extension Help {
    private static let exitCodes = "0 done, 64 usage, 69 a file or database is unavailable or not suitable"

    static var backup: String {
        command(
            "backup", BackupOptions.declarations,
            "Copies an SQLite database to a file, which only its owner can read. A server may use the database "
                + "meanwhile; the copy is the state at one moment. It is checked for damage. If the command is "
                + "interrupted, nothing has the name of the copy. Prints a summary; a terminal shows the progress.",
            exitCodes: exitCodes)
    }

    static var restore: String {
        command(
            "restore", RestoreOptions.declarations,
            "Puts a backup in the place of an SQLite database, while no server uses it. The backup is checked for "
                + "damage first, and the replaced database is kept. New messages get ids above those of the replaced "
                + "one, so that clients miss none of them.",
            exitCodes: exitCodes)
    }

    static var export: String {
        command(
            "export", ExportOptions.declarations,
            "Writes the messages of a database as JSON lines: one object for each, with the id, the texts and the "
                + "time. A server may use the database meanwhile; messages stored after the start are left out. A "
                + "terminal shows the progress and an estimate of the size.",
            exitCodes: exitCodes)
    }

    static var `import`: String {
        command(
            "import", ImportOptions.declarations,
            "Reads an export into an empty database. The messages keep their ids, and clients continue with it. An "
                + "import that was interrupted continues when it is repeated, and no server uses the database before "
                + "it has ended. A complete one that is repeated changes nothing.",
            exitCodes: "0 done, 64 usage, 65 a line is not one of an export, which is named with its number, 69 a file "
                + "or database is unavailable or not suitable")
    }

    static var doctor: String {
        command(
            "doctor", DoctorOptions.declarations,
            "Examines a database and changes nothing: damage, files and their permissions, the write-ahead log, the "
                + "version of the tables, the number of messages, free space, and what interrupted commands have left. "
                + "Prints one line for each finding, which begins with ok, warning or problem.",
            exitCodes: "0 no problem, 1 a problem, 64 usage")
    }
}
