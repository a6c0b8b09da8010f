import Glibc

/// The write-ahead log and its index beside a database, watched by the writer.
///
/// Committed rows are in the log until a checkpoint. If the log's name is removed, the log and every row in it is lost
/// when this process ends. If the index is replaced, other processes do not see this process's locks. So both files
/// must stay the ones that were opened, and the log must have all frames that the index lists as committed.
struct WriteAheadFiles {
    /// A change of one of the files.
    struct Fault: Equatable {
        let path: String
        let kind: StoreError.FileFault
        let isLog: Bool
    }

    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t

        init(_ status: stat) {
            device = status.st_dev
            inode = status.st_ino
        }
    }

    private let logPath: String
    private let indexPath: String
    private let log: Identity
    private let index: Identity

    /// Records the files. Call it after the connection has committed something, because then both files exist.
    ///
    /// - Throws: ``StoreError/fileFault(path:_:savedIn:)`` if one of them is missing.
    init(of database: String) throws(StoreError) {
        (logPath, indexPath) = (database + "-wal", database + "-shm")
        guard let log = Self.status(of: logPath) else {
            throw .fileFault(path: logPath, .deleted, savedIn: nil)
        }
        guard let index = Self.status(of: indexPath) else {
            throw .fileFault(path: indexPath, .deleted, savedIn: nil)
        }
        (self.log, self.index) = (Identity(log), Identity(index))
    }

    /// Returns the fault of the files; nil if they are as they should be.
    ///
    /// A checkpoint of another process may empty the log at any moment. That process changes the index first, so a
    /// short log counts as truncated only if the index was the same before and after the log's size was read.
    func fault(of connection: SQLiteConnection) -> Fault? {
        var before = WALIndexHeader(of: connection)
        guard var status = Self.status(of: logPath) else {
            return Fault(path: logPath, kind: .deleted, isLog: true)
        }
        guard Identity(status) == log else { return Fault(path: logPath, kind: .replaced, isLog: true) }
        guard let found = Self.status(of: indexPath) else {
            return Fault(path: indexPath, kind: .deleted, isLog: false)
        }
        guard Identity(found) == index else { return Fault(path: indexPath, kind: .replaced, isLog: false) }
        // Another writer may change the index during each of these reads. After eight changes, assume that the other
        // writer keeps committing, so that the log is complete.
        for _ in 0..<8 {
            if let before {
                if Int64(status.st_size) >= before.logSize { return nil }
                if WALIndexHeader(of: connection) == before {
                    return Fault(path: logPath, kind: .truncated, isLog: true)
                }
            }
            before = WALIndexHeader(of: connection)
            status = Self.status(of: logPath) ?? status
        }
        return nil
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}
