import Glibc

/// A file that cannot be read; the description is for the operator.
struct FileError: Error, CustomStringConvertible {
    let description: String
    /// Whether this machine is in trouble, and the file may be served later.
    let isPassing: Bool

    init(description: String) {
        self.description = description
        isPassing = false
    }

    /// - Parameter code: what the system says about it.
    init(_ path: String, code: CInt = errno) {
        description = "\(path): \(String(cString: strerror(code)))"
        isPassing = [EMFILE, ENFILE, ENOMEM, EIO, EINTR, ESTALE].contains(code)
    }
}
