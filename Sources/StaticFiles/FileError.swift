import Glibc

/// A file or directory that cannot be read; the description is for the operator.
public struct FileError: Error, CustomStringConvertible {
    /// The path and the reason.
    public let description: String
    /// True for a temporary problem of this machine, after which the file can be served again.
    public let isTemporary: Bool

    package init(description: String) {
        self.description = description
        isTemporary = false
    }

    /// - Parameter code: the system's error number.
    init(_ path: String, code: CInt = errno) {
        description = "\(path): \(String(cString: strerror(code)))"
        isTemporary = [EMFILE, ENFILE, ENOMEM, EIO, EINTR, ESTALE].contains(code)
    }
}
