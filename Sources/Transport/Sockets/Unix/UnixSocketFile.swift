import CLinux
import Glibc

/// The file of a Unix domain socket that this process has bound.
///
/// The file system may give the number of a removed file to a new one. An open descriptor of the file prevents that, so
/// that the file can be recognized as long as this object exists.
final class UnixSocketFile: Sendable {
    /// How often ``remove(pause:)`` tries to lock the directory.
    static let maxAttempts = 100

    private let path: String
    /// A descriptor of the file itself, not of the socket.
    private let descriptor: CInt

    /// - Returns: nil if there is no socket at the path, for example because another process has put a symbolic link
    ///   there. Then nothing is changed or removed.
    init?(_ path: String) {
        descriptor = open(path, CInt(clinux_path_only) | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        self.path = path
        var status = stat()
        // The descriptor is closed by `deinit`.
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
    }

    deinit {
        close(descriptor)
    }

    /// Sets the mode of this file. `chmod` with the path could change another file that has been moved there.
    func setMode(_ mode: mode_t) {
        // fchmod() refuses a descriptor of this kind. This link leads to the open file, whatever the path means now.
        chmod("/proc/self/fd/\(descriptor)", mode)
    }

    /// Removes the file if the path is still that of this file. A server that has started meanwhile may have replaced
    /// it. The lock keeps other servers from replacing it between the check and the removal. Servers have the lock for
    /// much less than a millisecond, so a file stays only if another program locks the directory. The next server
    /// replaces it.
    /// - Parameter pause: waits a short time, while another process has the lock.
    func remove(pause: () -> Void = { usleep(1000) }) {
        for _ in 0..<Self.maxAttempts where isAtPath {
            do {
                let lock = try DirectoryLock(ofFile: path)
                defer { lock?.end() }
                if isAtPath { unlink(path) }
                return
            } catch {
                pause()
            }
        }
    }

    private var isAtPath: Bool {
        var own = stat()
        var current = stat()
        return fstat(descriptor, &own) == 0 && lstat(path, &current) == 0 && own.st_dev == current.st_dev
            && own.st_ino == current.st_ino
    }
}
