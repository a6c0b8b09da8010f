import Glibc
import Persistence

/// `chatd restore`: puts a backup in the place of a database.
enum RestoreCommand {
    static func run(_ options: RestoreOptions) -> Never {
        MaintenanceCommand.run { () throws(MaintenanceError) in
            var bar = ProgressBar()
            defer { bar.clear() }
            let report = try DatabaseRestore.run(from: options.backup, to: options.database, at: time(nil)) {
                done, total in
                bar.show { .bytes("copied", done, of: total) }
            }
            return text(report)
        }
    }

    static func text(_ report: DatabaseRestore.Report) -> String {
        var lines = [
            "restored \(report.path) from \(report.backup) and found no damage",
            "messages: \(report.rowCount), highest id: \(report.highestID); new messages get ids above "
                + "\(report.assignedID)",
        ]
        if let previous = report.previous { lines.append("the replaced database is now \(previous)") }
        if report.isPreviousUnreadable {
            lines.append("it could not be read, so the ids of its last messages are unknown")
        }
        return lines.map(LogLine.printable).joined(separator: "\n")
    }
}
