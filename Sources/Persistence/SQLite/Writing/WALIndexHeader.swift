import CSQLite

/// The header of a write-ahead log's index, which has the number of committed frames (sqlite.org/walformat.html,
/// section 2.1).
///
///      0        8        12       14       16       20            48
///     +--------+--------+--------+--------+--------+-- … --------+-- … ----------+
///     | version| change |init,sum| page   | frames | more        | the same again|
///     +--------+--------+--------+--------+--------+-- … --------+-- … ----------+
struct WALIndexHeader: Equatable {
    private static let size = 48
    private let bytes: [UInt8]

    /// Reads the header from this connection's own mapping.
    ///
    /// Nil if there is no index, or if the two copies of the header differ because a writer is changing it.
    init?(of connection: SQLiteConnection) {
        var copies = [UInt8](repeating: 0, count: 2 * Self.size)
        guard csqlite_read_wal_index(connection.handle, &copies, UInt64(copies.count)) == 1 else { return nil }
        guard copies[..<Self.size].elementsEqual(copies[Self.size...]) else { return nil }
        bytes = Array(copies[..<Self.size])
    }

    /// The size that the log must have at least, in bytes: its header of 32 bytes, and 24 bytes plus a page for each
    /// committed frame. A log without committed frames, as after a checkpoint, may be empty.
    var logSize: Int64 {
        let (frames, pageSize) = bytes.withUnsafeBytes {
            ($0.load(fromByteOffset: 16, as: UInt32.self), $0.load(fromByteOffset: 14, as: UInt16.self))
        }
        guard frames > 0 else { return 0 }
        // A page of 65536 bytes does not fit into the field and is written as 1.
        return 32 + Int64(frames) * (24 + (pageSize == 1 ? 65_536 : Int64(pageSize)))
    }
}
