import Persistence

/// `chatd export`: writes the messages as JSON lines.
enum ExportCommand {
    static func run(_ options: ExportOptions) -> Never {
        MaintenanceCommand.run { () throws(MaintenanceError) in
            switch options.database {
            case .sqlite(let path):
                if let target = options.target { try ReservedNames.check(target, isNoneOf: path) }
                return try export(try ExportSource(path: path), options)
            case .postgres(let url): return try export(try PostgresExportSource(url: url), options)
            }
        }
    }

    private static func export(
        _ source: some ExportedMessages, _ options: ExportOptions
    ) throws(MaintenanceError) -> String {
        let clock = ContinuousClock()
        let start = clock.now
        let output = try ExportOutput(options.target, replaces: options.replaces)
        var bar = ProgressBar()
        defer { bar.clear() }
        try output.write(.header(ExportLine.Header(messages: source.rowCount, assignedID: source.assignedID)))
        for start in source.starts { try output.write(.start(start)) }
        var count: Int64 = 0
        while true {
            bar.show { status(count, of: source.rowCount, size: output.size) }
            let rows = try source.next()
            if rows.isEmpty { break }
            for row in rows { try output.write(.message(row)) }
            count += Int64(rows.count)
        }
        while true {
            let deleted = try source.nextDeleted()
            if deleted.isEmpty { break }
            for message in deleted { try output.write(.deleted(message)) }
        }
        try output.write(.end(messages: count, deletedThrough: try source.deletedThrough()))
        try output.complete()
        guard let target = options.target else { return "" }
        return LogLine.printable(
            "exported \(count) messages from \(source.name) to \(target), \(ByteCount.text(output.size)), in "
                + (clock.now - start).secondsText)
    }

    /// The status with an estimate of the size, which is known better the more is done.
    static func status(_ done: Int64, of total: Int64, size: Int64) -> ProgressLine.Status {
        let estimate = done > 0 ? Int64(Double(size) / Double(done) * Double(max(total, done))) : nil
        let sizes = ByteCount.text(size) + (estimate.map { " of about \(ByteCount.text($0))" } ?? "")
        return ProgressLine.Status(
            verb: "exported", done: done, total: total, text: "\(done) of \(total) messages (\(sizes))",
            amount: { "\($0)" })
    }
}
