import Glibc

/// The database's file, checked before SQLite opens it, so that SQLite creates nothing beside a path that cannot be a
/// database. A new file is created with permissions for its owner only.
struct DatabaseFile {
    /// The absolute path, so that an error is clear whatever the working directory is.
    let path: String

    /// True if the file is missing or has no bytes.
    let isEmpty: Bool

    private let isMissing: Bool

    /// The directory of the file.
    var directory: String { Self.folder(of: path) }

    /// - Throws: ``StoreError/cannotOpen(path:reason:)`` if the path cannot be a database.
    init(path: String) throws(StoreError) {
        guard !path.isEmpty else { throw .cannotOpen(path: path, reason: "the path is empty") }
        let full = Self.absolutePath(of: path)
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

    /// Checks the access to each file, because SQLite's error does not name the file at fault.
    private static func checkAccess(to path: String) throws(StoreError) {
        for (file, mode) in [(path, R_OK), (path + "-wal", R_OK | W_OK), (path + "-shm", R_OK | W_OK)] {
            var status = stat()
            guard stat(file, &status) == 0 else { continue }
            guard status.st_mode & S_IFMT == S_IFREG else { throw .cannotOpen(path: file, reason: "it is not a file") }
            // Do not open the file to check it: closing it would release this process's locks on it.
            guard access(file, mode) == 0 else { throw .cannotOpen(path: file, reason: systemMessage(errno)) }
        }
    }

    /// True if the file exists and has no bytes.
    static func isEmpty(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_size == 0
    }

    /// Creates the file if it is missing, for its owner only, whatever the process's umask is.
    ///
    /// - Throws: ``StoreError/cannotOpen(path:reason:)``.
    func create() throws(StoreError) {
        guard isMissing else { return }
        // Without O_EXCL, because the name may be a symbolic link to a missing file. Closing the descriptor is safe:
        // nobody can hold locks on a file that did not exist.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: systemMessage(errno)) }
        var status = stat()
        if fstat(descriptor, &status) == 0 && status.st_size == 0 { fchmod(descriptor, 0o600) }
        Glibc.close(descriptor)
    }

    private static func absolutePath(of path: String) -> String {
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
