import Persistence

/// `chatd backup`: copies a database, also while it is served.
enum BackupCommand {
    static func run(_ options: BackupOptions) -> Never {
        MaintenanceCommand.run { () throws(MaintenanceError) in
            let clock = ContinuousClock()
            let start = clock.now
            var bar = ProgressBar()
            defer { bar.clear() }
            let report = try DatabaseBackup.run(
                from: options.source, to: options.target, replaces: options.replaces
            ) { done, total in
                bar.show { .bytes("copied", done, of: total) }
            }
            return text(report, duration: clock.now - start)
        }
    }

    static func text(_ report: DatabaseBackup.Report, duration: Duration) -> String {
        LogLine.printable(
            "copied \(report.source) to \(report.target) in \(duration.secondsText) and found no damage")
            + "\nmessages: \(report.rowCount), highest id: \(report.highestID), size: \(ByteCount.text(report.size))"
    }
}
