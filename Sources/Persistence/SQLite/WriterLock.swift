import Glibc

/// The right to write one database, held from `init` to `deinit`: an exclusive lock on a file beside it.
///
/// The lock belongs to the open file description (flock(2)), so it also keeps out a second store of the same process,
/// ends with the process however it ends, and no child inherits it. The file is never removed: a name that comes and
/// goes would let two processes lock two files.
struct WriterLock: ~Copyable {
    private let descriptor: Int32

    /// - Throws: ``StoreError/lockedByAnotherWriter(path:)`` or ``StoreError/cannotOpen(path:reason:)``.
    init(path: String) throws(StoreError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw StoreError.cannotOpen(path: path, reason: systemMessage(errno))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            Glibc.close(descriptor)
            guard code == EWOULDBLOCK else {
                throw StoreError.cannotOpen(path: path, reason: systemMessage(code))
            }
            throw StoreError.lockedByAnotherWriter(path: path)
        }
        self.descriptor = descriptor
    }

    deinit {
        Glibc.close(descriptor)
    }
}
