import CSQLite

/// The start of the index of a write-ahead log, which says how much of the log is committed (sqlite.org/walformat.html,
/// section 2.1).
///
///      0        8        12       14       16       20            48
///     +--------+--------+--------+--------+--------+-- … --------+-- … ----------+
///     | version| change |init,sum| page   | frames | more        | the same again|
///     +--------+--------+--------+--------+--------+-- … --------+-- … ----------+
struct WALIndexHeader: Equatable {
    private static let size = 48
    private let bytes: [UInt8]

    /// Reads it through this connection's own mapping.
    ///
    /// Nil when there is none, and when its two copies differ: then a writer is just changing it.
    init?(of connection: SQLiteConnection) {
        var copies = [UInt8](repeating: 0, count: 2 * Self.size)
        guard csqlite_read_wal_index(connection.handle, &copies, UInt64(copies.count)) == 1 else { return nil }
        guard copies[..<Self.size].elementsEqual(copies[Self.size...]) else { return nil }
        bytes = Array(copies[..<Self.size])
    }

    /// How many bytes the log has at the least: its header of 32 bytes, and each committed page behind 24 bytes of its
    /// own. A log that a checkpoint has emptied has no committed frames.
    var logSize: Int64 {
        let (frames, pageSize) = bytes.withUnsafeBytes {
            ($0.load(fromByteOffset: 16, as: UInt32.self), $0.load(fromByteOffset: 14, as: UInt16.self))
        }
        guard frames > 0 else { return 0 }
        // A page of 65536 bytes does not fit into the field and is written as 1.
        return 32 + Int64(frames) * (24 + (pageSize == 1 ? 65_536 : Int64(pageSize)))
    }
}
