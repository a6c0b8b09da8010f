import Glibc

/// The right to write one database, held from `init` to `deinit`: an exclusive lock on a file beside it.
///
/// The lock belongs to the open file description (flock(2)), so it also keeps out a second store of the same process,
/// ends with the process however it ends, and no child inherits it. The file is never removed: a name that comes and
/// goes would let two processes lock two files. It holds the id of the process that has the lock.
struct WriterLock: ~Copyable {
    private let descriptor: Int32

    /// - Parameter database: whose mode and group the file takes, so that those who may not touch the one cannot hold
    ///   the other.
    /// - Throws: ``StoreError/lockedByAnotherWriter(path:process:)`` or ``StoreError/cannotOpen(path:reason:)``.
    init(path: String, like database: FilePermissions?) throws(StoreError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError.cannotOpen(path: path, reason: systemMessage(errno))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            defer { Glibc.close(descriptor) }
            guard code == EWOULDBLOCK else {
                throw StoreError.cannotOpen(path: path, reason: systemMessage(code))
            }
            throw StoreError.lockedByAnotherWriter(path: path, process: Self.process(in: descriptor))
        }
        database?.give(to: descriptor)
        ftruncate(descriptor, 0)
        let text = Array("\(getpid())\n".utf8)
        _ = pwrite(descriptor, text, text.count, 0)
        self.descriptor = descriptor
    }

    /// The process that says it has the lock; nil when it is not there.
    private static func process(in descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }
        guard let process = Int32(String(decoding: digits, as: UTF8.self)), process > 0,
            kill(process, 0) == 0 || errno == EPERM
        else { return nil }
        return process
    }

    deinit {
        Glibc.close(descriptor)
    }
}
