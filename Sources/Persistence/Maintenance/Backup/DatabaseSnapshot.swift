import CSQLite
import Glibc

/// A state of a database that is read while other programs may write, in one read transaction.
final class DatabaseSnapshot {
    private static let busyTimeout = Duration.seconds(5)

    /// The transaction keeps the write-ahead log from being reused. A copy stops when the log has grown by so many
    /// bytes while fewer are free than ``leastFree``, because a full disk would stop the server.
    private static let mostGrowth: Int64 = 64 << 20
    private static let leastFree: Int64 = 256 << 20

    let connection: SQLiteConnection
    /// The number of its ``Schema`` additions.
    let additions: Int
    private let logSize: Int64

    /// - Throws: ``StoreError`` if there is no database of chatd or of the tutorial.
    init(path: String) throws(StoreError) {
        let file = try DatabaseFile(path: path)
        guard !file.isEmpty else { throw .cannotOpen(path: file.path, reason: "there is no database") }
        connection = try SQLiteConnection.reading(file.path, busyTimeout: Self.busyTimeout)
        // Read the schema inside the transaction too, so that the rows are of the same state.
        try connection.execute("BEGIN")
        guard case .hasAdditions(let count) = try Schema.inspect(connection) else {
            throw .unsuitableSchema(path: connection.path, reason: "it has no table messages")
        }
        additions = count
        logSize = Self.size(of: connection.path + "-wal")
    }

    /// The size of the database in bytes.
    var size: Int64 {
        get throws(StoreError) {
            try connection.firstInteger("PRAGMA page_count") * connection.firstInteger("PRAGMA page_size")
        }
    }

    /// Throws if this transaction makes the disk full.
    func checkLog() throws(MaintenanceError) {
        let growth = Self.size(of: connection.path + "-wal") - logSize
        guard growth > Self.mostGrowth, let free = Directory.freeBytes(Directory.of(connection.path)),
            free < Self.leastFree
        else { return }
        throw .file(
            path: connection.path + "-wal",
            reason: "stopped, because it has grown by \(ByteCount.text(growth)) meanwhile and only "
                + "\(ByteCount.text(free)) are free")
    }

    private static func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
