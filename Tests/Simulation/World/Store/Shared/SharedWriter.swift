import Persistence

/// One host's groups in the shared database. It runs while the host has the lock.
struct SharedWriter {
    /// A group whose statement has run.
    struct Attempt {
        /// The rows of others above the watermark.
        let foreign: [Disk.Row]
        /// False if there are more of them. The group is not stored then.
        let reachesEnd: Bool
        var outcomes: [StoreOutcome] = []
        var added: [Disk.Row] = []
        var lastID: Int64
    }

    /// The greatest number of rows in a report.
    let maxRows: Int
    /// All rows up to this id have been reported.
    private(set) var watermark: Int64

    func insert(_ group: [MessageDraft], into disk: Disk, at time: Int64, gap: () -> Int64) -> Attempt {
        var attempt = foreign(on: disk)
        guard attempt.reachesEnd else { return attempt }
        for request in group { insert(request, into: disk, &attempt, time, gap) }
        return attempt
    }

    private func insert(
        _ request: MessageDraft, into disk: Disk, _ attempt: inout Attempt, _ time: Int64, _ gap: () -> Int64
    ) {
        var key = request.clientOffset
        while let taken = key, let row = attempt.added.first(where: { $0.key == taken }) ?? disk.row(key: taken) {
            if row.content == request.content { return attempt.outcomes.append(.repeated(id: row.id)) }
            key = taken + [0] + request.content
        }
        attempt.lastID += gap()
        let row = Disk.Row(
            id: attempt.lastID, key: key, content: request.content, createdAt: time, attribution: request.attribution)
        attempt.added.append(row)
        attempt.outcomes.append(.stored(row.stored))
    }

    /// The rows of others above the watermark.
    func foreign(on disk: Disk) -> Attempt {
        let rows = disk.rows(after: watermark)
        return Attempt(foreign: Array(rows.prefix(maxRows)), reachesEnd: rows.count <= maxRows, lastID: disk.lastID)
    }

    /// Marks the attempt's rows as reported.
    mutating func report(_ attempt: Attempt) {
        watermark = max(watermark, attempt.added.last?.id ?? attempt.foreign.last?.id ?? 0)
    }
}
