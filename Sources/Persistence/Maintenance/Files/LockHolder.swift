/// Keeps the lock of a database's writers as long as the object exists.
final class LockHolder {
    private let lock: WriterLock

    init(_ lock: consuming WriterLock) {
        self.lock = lock
    }
}
