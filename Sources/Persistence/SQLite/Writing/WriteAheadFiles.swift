import Glibc

/// The write-ahead log and its index beside a database, watched by whoever writes it.
///
/// What is committed lies in the log until a checkpoint. A log without its name ends with this process, and with it every
/// message in it; with an index of its own, another process would not see this one's locks. So these files must stay
/// what they were when the database was opened, and the log must hold what the index says is committed.
struct WriteAheadFiles {
    /// What has become of one of the files.
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

    /// To be made when this connection has committed something: then both files are there.
    ///
    /// - Throws: ``StoreError/fileFault(path:_:savedIn:)`` when one of them is not.
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

    /// What is wrong with the files now; nil when nothing is.
    ///
    /// A checkpoint of another process may empty the log at any moment. It changes the index first, so a log counts as
    /// cut only if the index is the same before and after its size was read.
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
        // Another writer may be changing the index at each look; its own commits find the log whole.
        for _ in 0..<8 {
            if let before {
                if Int64(status.st_size) >= before.logSize { return nil }
                if WALIndexHeader(of: connection) == before { return Fault(path: logPath, kind: .cut, isLog: true) }
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
