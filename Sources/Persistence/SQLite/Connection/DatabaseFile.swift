import Glibc

/// The database's file before SQLite opens it: so that nothing is made beside a file that is not ours, and a new one can
/// be read by nobody else.
struct DatabaseFile {
    /// The full name, so that an error is clear whatever the process's directory is.
    let path: String

    /// Whether there is no file, or one without anything in it.
    let isEmpty: Bool

    private let isMissing: Bool

    /// - Throws: ``StoreError/cannotOpen(path:reason:)`` for what cannot be a database.
    init(path: String) throws(StoreError) {
        guard !path.isEmpty else { throw .cannotOpen(path: path, reason: "the path is empty") }
        let full = Self.fullName(of: path)
        self.path = full
        var status = stat()
        guard stat(full, &status) == 0 else {
            let code = errno
            guard code == ENOENT else { throw .cannotOpen(path: full, reason: systemMessage(code)) }
            let folder = Self.folder(of: full)
            guard stat(folder, &status) == 0 else {
                throw .cannotOpen(path: full, reason: "there is no directory \(folder)")
            }
            (isEmpty, isMissing) = (true, true)
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .cannotOpen(path: full, reason: "it is a directory; name a file in it")
        default: throw .cannotOpen(path: full, reason: "it is not a file")
        }
        (isEmpty, isMissing) = (status.st_size == 0, false)
        try Self.checkAccess(to: full)
    }

    /// SQLite says only that it cannot open the database, whichever of its files is at fault.
    private static func checkAccess(to path: String) throws(StoreError) {
        for (file, mode) in [(path, R_OK), (path + "-wal", R_OK | W_OK), (path + "-shm", R_OK | W_OK)] {
            var status = stat()
            guard stat(file, &status) == 0 else { continue }
            guard status.st_mode & S_IFMT == S_IFREG else { throw .cannotOpen(path: file, reason: "it is not a file") }
            // Not opened: closing it would release the locks that this process has on it.
            guard access(file, mode) == 0 else { throw .cannotOpen(path: file, reason: systemMessage(errno)) }
        }
    }

    /// Whether a file is there without anything in it.
    static func isEmpty(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_size == 0
    }

    /// Makes the file if it is missing, for its owner alone whatever the process's mask is.
    ///
    /// - Throws: ``StoreError/cannotOpen(path:reason:)``.
    func create() throws(StoreError) {
        guard isMissing else { return }
        // Not exclusively: the name may be a symbolic link to a file that does not exist yet. Nobody can have locks on a
        // file that was not there, which closing it would release.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: systemMessage(errno)) }
        var status = stat()
        if fstat(descriptor, &status) == 0 && status.st_size == 0 { fchmod(descriptor, 0o600) }
        Glibc.close(descriptor)
    }

    private static func fullName(of path: String) -> String {
        guard !path.hasPrefix("/"), let directory = getcwd(nil, 0) else { return path }
        defer { free(directory) }
        var path = Substring(path)
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        let prefix = String(cString: directory)
        return (prefix.hasSuffix("/") ? prefix : prefix + "/") + path
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
