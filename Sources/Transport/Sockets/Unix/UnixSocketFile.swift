import CLinux
import Glibc

/// The file of a Unix domain socket that this process has bound.
///
/// The file system may give the number of a removed file to a new one. An open descriptor of the file prevents that, so
/// that the file can be recognized as long as this object exists.
final class UnixSocketFile: Sendable {
    private let path: String
    /// A descriptor of the file itself, not of the socket.
    private let descriptor: CInt

    /// - Returns: nil if the file cannot be opened. Then it is never removed.
    init?(_ path: String) {
        descriptor = open(path, CInt(clinux_path_only) | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    /// Removes the file if the path is still that of this file. A server that has started meanwhile may have replaced
    /// it.
    func remove() {
        let lock: DirectoryLock?
        do {
            lock = try DirectoryLock(ofFile: path)
        } catch {
            // Another server starts at this moment. It replaces the file if it wants the path.
            return
        }
        defer { lock?.end() }
        var own = stat()
        var current = stat()
        guard fstat(descriptor, &own) == 0, lstat(path, &current) == 0, own.st_dev == current.st_dev,
            own.st_ino == current.st_ino
        else { return }
        unlink(path)
    }
}
