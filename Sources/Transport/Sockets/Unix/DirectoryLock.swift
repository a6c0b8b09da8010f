import Glibc

/// A lock on the directory of a socket's file (flock(2)), which leaves no file behind.
struct DirectoryLock {
    private let descriptor: CInt

    /// Takes the lock. A directory that this process may not read is not locked.
    /// - Throws: ``SystemError`` with `EAGAIN` if another process has the lock.
    init?(ofFile path: String) throws(SystemError) {
        descriptor = open(Self.directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = SystemError("flock")
            close(descriptor)
            throw error
        }
    }

    /// The path of the directory that contains a file with an absolute path.
    static func directory(of path: String) -> String {
        let names = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return names.joined(separator: "/") + "/"
    }

    func end() {
        close(descriptor)
    }
}
