import Glibc
import Persistence

/// `chatd import`: reads an export into an empty database.
enum ImportCommand {
    static func run(_ options: ImportOptions) -> Never {
        MaintenanceCommand.run { () throws(MaintenanceError) in
            let clock = ContinuousClock()
            let start = clock.now
            let descriptor = try open(options.source)
            switch options.database {
            case .sqlite(let path):
                // SQLite would write its log to an export of that name.
                if let source = options.source { try ReservedNames.check(source, isNoneOf: path) }
                return text(try fill(path, from: descriptor), duration: clock.now - start)
            case .postgres(let url):
                return try move(descriptor, to: url)
            }
        }
    }

    private static func open(_ source: String?) throws(MaintenanceError) -> CInt {
        guard let source else { return STDIN_FILENO }
        let descriptor = Glibc.open(source, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .file(path: source, reason: strerror(errno).map { String(cString: $0) } ?? "error \(errno)")
        }
        return descriptor
    }

    private static func fill(_ path: String, from descriptor: CInt) throws(MaintenanceError) -> ImportTarget.Report {
        var reading = try ImportReading(descriptor)
        let target = try ImportTarget(path: path)
        var bar = ProgressBar()
        defer { bar.clear() }
        while let batch = try reading.nextBatch() {
            try target.store(batch)
            bar.show { status(of: reading) }
        }
        return try target.finish(
            assignedID: reading.header.assignedID, reading.starts, deletedThrough: reading.deletedThrough)
    }

    /// Imports into a temporary file, and copies that to PostgreSQL.
    private static func move(_ descriptor: CInt, to url: String) throws(MaintenanceError) -> String {
        let directory = try ScratchDirectory()
        let path = directory.path + "/import.db"
        _ = try fill(path, from: descriptor)
        var bar = ProgressBar()
        do {
            defer { bar.clear() }
            let report = try DatabaseCopy.run(from: path, to: url) { status in bar.show { status.progress } }
            let earlier = report.wasFinished ? report.rowCount : report.earlierRowCount
            return "imported \(report.rowCount) messages into \(report.target); \(earlier) of them were there already"
        } catch {
            throw .refused("\(error)")
        }
    }

    private static func status(of reading: ImportReading) -> ProgressLine.Status {
        let (done, total) = (reading.count, reading.header.messages)
        let sizes = ByteCount.text(reading.byteCount) + (reading.size.map { " of \(ByteCount.text($0))" } ?? "")
        return ProgressLine.Status(
            verb: "imported", done: done, total: total, text: "\(done) of \(total) messages (\(sizes))",
            amount: { "\($0)" })
    }

    static func text(_ report: ImportTarget.Report, duration: Duration) -> String {
        let count = "imported \(report.rowCount) messages into \(report.path) in \(duration.secondsText)"
        let earlier = report.earlierRowCount > 0 ? "; \(report.earlierRowCount) of them were there already" : ""
        return LogLine.printable("\(count)\(earlier)")
    }
}
