import Glibc

/// A directory, and what may be served of what its paths lead to.
///
/// What a path leads to is opened first and looked at then: what has been looked at is what is served, whoever changes the
/// directory meanwhile. It must lie inside, and no name on the way to it may begin with a dot; so a symbolic link counts if it
/// ends where its target could be asked for directly.
struct ServedDirectory: Sendable {
    enum Entry {
        case file(OpenFile)
        case directory
    }

    /// Opens no file, only finds it: neither a pipe nor a device notices. The Glibc module does not show it.
    private static let pathOnly: CInt = 0o10_000_000

    /// Its path without symbolic links.
    private let root: String
    private let limit: Int

    /// - Parameters:
    ///   - path: the directory.
    ///   - limit: the largest file that is served, in bytes.
    /// - Throws: ``FileError`` when there is no such directory or it cannot be read.
    init(_ path: String, limit: Int) throws(FileError) {
        guard let resolved = realpath(path, nil) else { throw FileError(path) }
        defer { free(resolved) }
        root = String(cString: resolved)
        self.limit = limit
        var information = stat()
        guard stat(root, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
            throw FileError(description: "\(path): not a directory")
        }
        guard access(root, R_OK | X_OK) == 0 else { throw FileError(path) }
    }

    /// What a path leads to; nil when there is nothing that may be served.
    /// - Parameter relative: the path below this directory.
    /// - Throws: ``FileError`` for a file that may be served and cannot.
    func entry(_ relative: String) throws(FileError) -> Entry? {
        let found = open("\(root)/\(relative)", Self.pathOnly | O_CLOEXEC)
        guard found >= 0 else {
            let error = FileError(relative, code: errno)
            if error.isPassing { throw error }
            return nil
        }
        defer { close(found) }
        var information = stat()
        guard let path = Self.path(of: found), isServed(path), fstat(found, &information) == 0,
            information.st_nlink > 0
        else { return nil }
        if information.st_mode & S_IFMT == S_IFDIR { return .directory }
        return .file(try OpenFile(found, path: path, limit: limit))
    }

    /// Where an open file lies.
    private static func path(of descriptor: CInt) -> String? {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
        guard length > 0, length < target.count else { return nil }
        return String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func isServed(_ path: String) -> Bool {
        if path == root { return true }
        let prefix = root == "/" ? root : root + "/"
        guard path.hasPrefix(prefix) else { return false }
        return path.dropFirst(prefix.count).split(separator: "/").allSatisfy(Self.isServed(name:))
    }

    /// Whether a name may stand in a path: `..` must not, nor what is hidden.
    static func isServed(name: Substring) -> Bool {
        !name.hasPrefix(".") || name == ".well-known"
    }
}
