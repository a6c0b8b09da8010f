import Persistence

/// One process's writes to the simulated database. A group advances in separate steps, and the process may end after
/// any of them.
struct StoreWriter {
    /// A group whose statements have run and that is not committed yet.
    struct Attempt {
        var foreign: [Disk.Row]?
        var foreignVersion = 0
        var reachesEnd = true
        var outcomes: [StoreOutcome] = []
        var added: [Disk.Row] = []
        var lastID: Int64
        /// The creation time of its rows.
        var createdAt: Int64 = 0
    }

    enum Failure: Error {
        /// A later start has taken over the database.
        case superseded
    }

    let process: Int
    private let epochNumber: Int
    /// The starts recorded up to this one.
    private let epochs: EpochHistory
    /// All rows up to this id have been reported.
    private var watermark: Int64
    private var reportedVersion: Int
    private static let foreignLimit = 2

    init(opening disk: inout Disk, epoch: String, process: Int) {
        disk.record(epoch: epoch, by: process)
        self.process = process
        epochs = EpochHistory(disk.starts)
        epochNumber = disk.starts.count
        watermark = disk.rows.last?.id ?? 0
        reportedVersion = disk.version(for: process)
    }

    func rowLimit(ofEpoch epoch: String) -> Int64? { epochs.rowLimit(of: epoch) }

    /// Runs a group's statements in a transaction.
    /// - Parameters:
    ///   - time: the creation time of the rows.
    ///   - gap: returns the difference between the next row id and the last one.
    func insert(
        _ group: [MessageDraft], into disk: Disk, at time: Int64, gap: () -> Int64
    ) throws(Failure) -> Attempt {
        guard disk.starts.count == epochNumber else { throw .superseded }
        var attempt = foreign(on: disk)
        guard attempt.reachesEnd else { return attempt }
        attempt.createdAt = time
        for request in group { insert(request, into: disk, &attempt, gap) }
        return attempt
    }

    private func insert(_ request: MessageDraft, into disk: Disk, _ attempt: inout Attempt, _ gap: () -> Int64) {
        var key = request.clientOffset
        while let taken = key, let row = attempt.added.first(where: { $0.key == taken }) ?? disk.row(key: taken) {
            if row.content == request.content { return attempt.outcomes.append(.repeated(id: row.id)) }
            key = taken + [0] + request.content
        }
        attempt.lastID += gap()
        let row = Disk.Row(
            id: attempt.lastID, key: key, content: request.content, createdAt: attempt.createdAt,
            attribution: request.attribution)
        attempt.added.append(row)
        attempt.outcomes.append(.stored(row.stored))
    }

    private func foreign(on disk: Disk) -> Attempt {
        var attempt = Attempt(lastID: disk.lastID)
        let version = disk.version(for: process)
        guard version != reportedVersion else { return attempt }
        let rows = disk.rows(after: watermark)
        attempt.foreign = Array(rows.prefix(Self.foreignLimit))
        attempt.foreignVersion = version
        attempt.reachesEnd = rows.count <= Self.foreignLimit
        return attempt
    }

    /// Reads rows of other programs while no group is stored.
    mutating func poll(_ disk: Disk) throws(Failure) -> [Disk.Row] {
        let attempt = foreign(on: disk)
        guard attempt.foreign != nil else { return [] }
        guard disk.starts.count == epochNumber else { throw .superseded }
        report(attempt)
        return attempt.foreign ?? []
    }

    /// Marks the attempt's rows as reported.
    mutating func report(_ attempt: Attempt) {
        if let foreign = attempt.foreign {
            watermark = max(watermark, foreign.last?.id ?? 0)
            if attempt.reachesEnd { reportedVersion = attempt.foreignVersion }
        }
        watermark = max(watermark, attempt.added.last?.id ?? 0)
    }
}
