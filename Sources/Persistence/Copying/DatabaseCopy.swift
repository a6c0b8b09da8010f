/// Copies an SQLite database of chatd to PostgreSQL. It may be ended at any moment, and begun again: the target records
/// the number and the digest of the rows that it has, so that a copy continues after them.
package struct DatabaseCopy {
    /// The limit of one row, in bytes. PostgreSQL limits a value to 1 GiB, and escaping may double the size.
    static let maxRowBytes = 256 << 20
    /// The number of rows between two reports while rows are compared.
    private static let checkInterval: Int64 = 5000

    private let source: CopySource
    private let target: CopyTarget
    private var copier: RowCopier

    /// Copies a database. Blocks the calling thread.
    /// - Parameters:
    ///   - path: the SQLite file. It is not changed.
    ///   - url: `postgres://USER[:PASSWORD]@HOST[,HOST…][:PORT]/DATABASE`.
    ///   - report: called now and then.
    package static func run(
        from path: String, to url: String, report: (CopyStatus) -> Void
    ) throws(CopyError) -> CopyReport {
        let target = try CopyTarget(url: url)
        defer { target.close() }
        let source = try reading { () throws(StoreError) in try CopySource(path: path) }
        var copy = DatabaseCopy(source: source, target: target)
        return try copy.run(report)
    }

    private init(source: CopySource, target: CopyTarget) {
        self.source = source
        self.target = target
        copier = RowCopier(hasDeleted: source.hasDeleted)
    }

    private mutating func run(_ report: (CopyStatus) -> Void) throws(CopyError) -> CopyReport {
        switch try target.state() {
        case .finished(let earlier):
            try check(earlier, report)
            guard try nextRow() == nil else {
                throw refused("the copy of \(earlier.source) has ended, and the source has new rows since")
            }
            return makeReport(wasFinished: true, earlierRowCount: earlier.rowCount)
        case .unfinished(let earlier):
            try check(earlier, report)
            try copyRows(report)
            return makeReport(wasFinished: false, earlierRowCount: earlier.rowCount)
        case .empty:
            try copyRows(report)
            return makeReport(wasFinished: false, earlierRowCount: 0)
        }
    }

    /// Reads the rows that an earlier copy has stored.
    /// - Throws: ``CopyError/refused(database:reason:)`` if they are not the first rows of this source.
    private mutating func check(_ earlier: RecordedCopy, _ report: (CopyStatus) -> Void) throws(CopyError) {
        while copier.progress.rowCount < earlier.rowCount, try nextRow() != nil {
            guard copier.progress.rowCount % Self.checkInterval == 0 else { continue }
            report(CopyStatus(.checking, done: copier.progress.rowCount, of: earlier.rowCount))
        }
        guard copier.progress.rowCount == earlier.rowCount, copier.progress.digestText == earlier.digestText else {
            throw refused("its copy of \(earlier.source) is not one of this source, or rows have changed since")
        }
    }

    private mutating func copyRows(_ report: (CopyStatus) -> Void) throws(CopyError) {
        try target.begin(source.path, assignedID: source.assigned.highest)
        var reachesEnd = false
        while !reachesEnd {
            report(CopyStatus(.copying, done: copier.progress.rowCount, of: source.rowCount))
            var batch = CopyBatch(after: copier.progress.rowCount)
            while !batch.isFull, !reachesEnd {
                if let row = try nextRow() { batch.add(row) } else { reachesEnd = true }
            }
            if !batch.rows.isEmpty { try target.store(batch, copier.progress) }
        }
        try copyTombstones()
        try target.finish(
            rowCount: copier.progress.rowCount, highestID: source.assigned.highestReceived,
            assignedID: source.assigned.highest,
            // PostgreSQL cannot limit a single epoch. Clients of one that a restore has limited get messages again.
            source.assigned.starts.filter { $0.rowLimit == nil })
    }

    /// Copies what is left of deleted messages. A copy that is continued stores them again, which changes nothing.
    private mutating func copyTombstones() throws(CopyError) {
        let source = source
        while true {
            let tombstones = try Self.reading { () throws(StoreError) in try source.nextDeleted() }
            guard !tombstones.isEmpty else { return }
            var copied: [CopiedTombstone] = []
            for tombstone in tombstones {
                let converted = try Self.reading { () throws(StoreError) in
                    try copier.copy(tombstone, isKeyInSource: source.has)
                }
                if let converted { copied.append(converted) }
            }
            try target.store(copied, after: copier.progress.rowCount)
        }
    }

    /// Converts the next row; nil at the end.
    private mutating func nextRow() throws(CopyError) -> CopiedRow? {
        let source = source
        let row = try Self.reading { () throws(StoreError) in try source.next() }
        guard let row else { return nil }
        let copied = try Self.reading { () throws(StoreError) in try copier.copy(row, isKeyInSource: source.has) }
        guard copied.size <= Self.maxRowBytes else { throw .rowTooLarge(id: row.id, bytes: copied.size) }
        return copied
    }

    private static func reading<Value>(_ read: () throws(StoreError) -> Value) throws(CopyError) -> Value {
        do {
            return try read()
        } catch {
            throw .source(error)
        }
    }

    private func refused(_ reason: String) -> CopyError {
        .refused(database: target.name, reason: reason)
    }

    private func makeReport(wasFinished: Bool, earlierRowCount: Int64) -> CopyReport {
        CopyReport(
            source: source.path, target: target.name, wasFinished: wasFinished,
            rowCount: copier.progress.rowCount, earlierRowCount: earlierRowCount,
            assignedID: source.assigned.highest, startCount: source.assigned.starts.count, changes: copier.changes)
    }
}
