import Glibc

/// A file that is written under a temporary name in the directory of its place, and gets its own name when it is
/// complete and on the disk. If the process ends earlier, the temporary file stays, and the next attempt replaces it.
package final class PartialFile {
    /// What follows the name of the file while it is written.
    package static let suffix = ".partial"

    /// The names of the files that a temporary one with this target may replace: its own, and those that SQLite uses
    /// beside it.
    static func names(for target: String) -> [String] {
        ["", "-journal", "-wal", "-shm"].map { target + suffix + $0 }
    }

    /// The path of the file when it is complete.
    package let target: String
    /// The path while it is written.
    package let path: String
    /// The open temporary file, which is locked (flock(2)) so that no second process writes to it.
    package let descriptor: Int32
    private let replaces: Bool
    private var isComplete = false

    /// Creates the empty temporary file, readable by its owner only.
    /// - Parameter replaces: false if a file at the target is an error.
    package init(for target: String, replaces: Bool) throws(MaintenanceError) {
        self.target = target
        self.replaces = replaces
        path = target + Self.suffix
        try Self.check(target, replaces: replaces)
        descriptor = try Self.open(path)
        for name in Self.names(for: target).dropFirst() { unlink(name) }
        guard ftruncate(descriptor, 0) == 0, fchmod(descriptor, 0o600) == 0 else {
            let code = errno
            Glibc.close(descriptor)
            throw .file(path: path, reason: systemMessage(code))
        }
    }

    deinit {
        if !isComplete { unlink(path) }
        Glibc.close(descriptor)
    }

    /// Waits until the content is on the disk, and gives the file its name. No connection of SQLite may have it open.
    package func complete() throws(MaintenanceError) {
        try sync()
        // Again, because a file may have appeared meanwhile.
        try Self.check(target, replaces: replaces)
        guard rename(path, target) == 0 else { throw .file(path: target, reason: systemMessage(errno)) }
        isComplete = true
        Directory.sync(Directory.of(target))
    }

    /// Waits until the content is on the disk.
    func sync() throws(MaintenanceError) {
        guard fsync(descriptor) == 0 else { throw .file(path: path, reason: systemMessage(errno)) }
    }

    /// Gives the file its name in place of another file. Its content must be on the disk.
    func replace() throws(MaintenanceError) {
        guard rename(path, target) == 0 else { throw .file(path: target, reason: systemMessage(errno)) }
        isComplete = true
    }

    private static func check(_ target: String, replaces: Bool) throws(MaintenanceError) {
        var status = stat()
        guard lstat(target, &status) == 0 else {
            guard errno == ENOENT else { throw .file(path: target, reason: systemMessage(errno)) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .file(path: target, reason: "it is not a file") }
        guard replaces else { throw .file(path: target, reason: "it exists; --replace replaces it") }
    }

    /// Opens and locks the file. Another process may rename it before this one has the lock, so the name is checked
    /// afterwards.
    private static func open(_ path: String) throws(MaintenanceError) -> Int32 {
        for _ in 0..<100 {
            let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw .file(path: path, reason: systemMessage(errno)) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                Glibc.close(descriptor)
                throw .file(path: path, reason: "another process writes to it")
            }
            var opened = stat()
            var named = stat()
            if fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino {
                return descriptor
            }
            Glibc.close(descriptor)
        }
        throw .file(path: path, reason: "other processes replace it")
    }
}
