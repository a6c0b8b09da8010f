import Glibc

/// Errors that only Unix domain sockets have.
extension ListeningSocket.BindError {
    /// The reason in words, where that of the system does not tell the operator what to do; nil for any other error.
    var reason: String? {
        guard let file = address.file else { return nil }
        return switch (cause.call, cause.code) {
        case ("flock", EAGAIN): "another process holds a lock on the directory \(DirectoryLock.directory(of: file))"
        case ("connect", EACCES):
            "a socket of another user is there, and this user may not connect to it to learn whether a server uses it; "
                + "if none does, its owner or root can remove it"
        case ("unlink", EACCES), ("unlink", EPERM):
            "the socket of a server that has ended is there, and this user may not remove it; its owner or root can"
        default: nil
        }
    }
}
