import Persistence

/// The last output of a copy.
enum CopySummary {
    /// - Parameter duration: how long the copy took.
    static func text(_ report: CopyReport, duration: Duration) -> String {
        var lines = [firstLine(report, duration)]
        if report.earlierRowCount > 0, !report.wasFinished {
            lines.append("\(report.earlierRowCount) of them were copied earlier")
        }
        lines.append("ids up to \(report.assignedID) are assigned; recorded starts of servers: \(report.startCount)")
        if report.changes.derivedKeys > 0 {
            lines.append("keys with a hash, which have another separator now: \(report.changes.derivedKeys)")
        }
        for change in RowChange.allCases where report.changes[change].count > 0 {
            lines.append(line(change, report.changes[change]))
        }
        return lines.map(LogLine.printable).joined(separator: "\n")
    }

    private static func firstLine(_ report: CopyReport, _ duration: Duration) -> String {
        let places = "from \(report.source) to \(report.target)"
        if report.wasFinished {
            return "nothing to do: all \(report.rowCount) messages were copied earlier \(places)"
        }
        let milliseconds = Int64(duration / .milliseconds(1))
        let tenths = (milliseconds + 50) / 100
        let rate = ProgressLine.rate(report.rowCount - report.earlierRowCount, in: duration)
        return "copied \(report.rowCount) messages \(places) in \(tenths / 10).\(tenths % 10) s (\(rate) a second)"
    }

    private static func line(_ change: RowChange, _ rows: RowChanges.Rows) -> String {
        let ids = rows.firstIDs.map(String.init).joined(separator: ", ")
        let more = rows.count > rows.firstIDs.count ? ", …" : ""
        return "\(change): \(rows.count) (id \(ids)\(more))"
    }
}
