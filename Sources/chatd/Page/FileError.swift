import Glibc

/// A file that cannot be read; the description is for the operator.
struct FileError: Error, CustomStringConvertible {
    let description: String

    init(description: String) {
        self.description = description
    }

    /// - Parameter code: what the system says about it.
    init(_ path: String, code: CInt = errno) {
        description = "\(path): \(String(cString: strerror(code)))"
    }
}
