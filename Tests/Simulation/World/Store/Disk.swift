import Persistence

/// The database file: the committed rows, and the number of them that readers can see. Two processes may have it open.
struct Disk {
    struct Row: Sendable, Equatable {
        let id: Int64
        let key: [UInt8]?
        let content: [UInt8]
        /// 0 for a row of another program; its author is nil.
        var createdAt: Int64 = 0
        var attribution: MessageAuthor?

        /// The row as a store returns it. A key derived from a client offset is cut to the client's part.
        var stored: StoredMessage {
            StoredMessage(
                id: id, content: content, storedAt: createdAt, attribution: attribution,
                clientOffset: key.map { Array($0.prefix { $0 != 0 }) })
        }
    }

    /// The committed rows, in id order.
    private(set) var rows: [Row] = []
    /// The number of rows visible to a new read.
    private(set) var visibleCount = 0
    private(set) var lastID: Int64 = 0
    private var rowsByKey: [[UInt8]: Int] = [:]
    private var rowsByContent: [[UInt8]: Int] = [:]
    /// The recorded server starts.
    private(set) var starts: [EpochHistory.Start] = []
    /// The number of the process with an open write transaction.
    var transaction: Int?
    /// The number of commits of each process, by process number.
    private var commits: [Int] = []
    private var commitCount = 0

    /// SQLite's `data_version`: it changes when another process commits.
    func version(for process: Int) -> Int {
        commitCount - (commits.indices.contains(process) ? commits[process] : 0)
    }

    /// Records a start's epoch, which is a commit like any other.
    mutating func record(epoch: String, by process: Int) {
        starts.append(EpochHistory.Start(epoch: epoch, highestID: lastID))
        commit([], lastID: lastID, by: process)
    }

    mutating func commit(_ added: [Row], lastID id: Int64, by process: Int) {
        for row in added {
            precondition(row.id > rows.last?.id ?? 0)
            if let key = row.key { rowsByKey[key] = rows.count }
            rowsByContent[row.content] = rows.count
            rows.append(row)
        }
        lastID = max(lastID, id)
        while commits.count <= process { commits.append(0) }
        commits[process] += 1
        commitCount += 1
    }

    /// Makes all committed rows visible to new reads.
    mutating func makeVisible() {
        visibleCount = rows.count
    }

    func row(id: Int64) -> Row? { rows(after: id - 1, through: id).first }
    func row(key: [UInt8]) -> Row? { rowsByKey[key].map { rows[$0] } }
    func row(content: [UInt8]) -> Row? { rowsByContent[content].map { rows[$0] } }

    /// The rows with `after < id <= through`: all committed ones, or only those visible to readers.
    func rows(after: Int64, through: Int64 = .max, isVisible: Bool = false) -> ArraySlice<Row> {
        let end = isVisible ? visibleCount : rows.count
        let low = firstIndex(above: after, before: end)
        return rows[low..<max(low, firstIndex(above: through, before: end))]
    }

    private func firstIndex(above id: Int64, before end: Int) -> Int {
        var (low, high) = (0, end)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].id <= id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
