import Glibc

/// The exclusive right to write a database: a lock on a file beside it, held from `init` to `deinit`.
///
/// The lock belongs to the open file description (flock(2)). So it also excludes a second store in the same process,
/// and it ends with the process. Child processes do not inherit it, because the descriptor is closed on exec. The file
/// contains the id of the process that holds the lock. The file is never removed: otherwise two processes could lock
/// two different files of the same name.
struct WriterLock: ~Copyable {
    private let descriptor: Int32

    /// - Parameter database: the permissions to apply to the file, so that only users of the database can hold the
    ///   lock.
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
        database?.apply(to: descriptor)
        ftruncate(descriptor, 0)
        let text = Array("\(getpid())\n".utf8)
        _ = pwrite(descriptor, text, text.count, 0)
        self.descriptor = descriptor
    }

    /// The process that the file names; nil if no such process exists.
    static func process(in descriptor: Int32) -> Int32? {
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
