import Glibc

/// The lock of a database's writers, held while the database is copied; see ``WriterLock``. Nothing is created or
/// written: without a lock file, no chatd has written to the database.
struct SourceLock: ~Copyable {
    /// Nil if there is no lock file.
    private let descriptor: Int32?

    /// - Throws: ``StoreError/lockedByAnotherWriter(path:process:)`` or ``StoreError/cannotOpen(path:reason:)``.
    init(path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw .cannotOpen(path: path, reason: systemMessage(errno)) }
            self.descriptor = nil
            return
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            defer { Glibc.close(descriptor) }
            guard code == EWOULDBLOCK else { throw .cannotOpen(path: path, reason: systemMessage(code)) }
            throw .lockedByAnotherWriter(path: path, process: WriterLock.process(in: descriptor))
        }
        self.descriptor = descriptor
    }

    deinit {
        if let descriptor { Glibc.close(descriptor) }
    }
}
