import Glibc

/// The mode, user and group of a database, which are copied to the files beside it.
///
/// SQLite gives its own files the database's mode, but the group only if it runs as root. Without the group, another
/// user who shares the database through the group could not write to it any more.
struct FilePermissions {
    /// The permission bits.
    let mode: mode_t
    private let owner: uid_t
    private let group: gid_t

    /// Nil if there is no such file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// The permissions of a new file for the owner of a directory: root creates it for the user who will use it.
    init?(ownerOf directory: String) {
        var status = stat()
        guard stat(directory, &status) == 0 else { return nil }
        status.st_mode = 0o600
        self.init(status)
    }

    private init(_ status: stat) {
        mode = status.st_mode & 0o777
        owner = status.st_uid
        group = status.st_gid
    }

    /// Applies the permissions to an open file, as far as this process is allowed to.
    func apply(to descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, isNeeded(by: status) else { return }
        _ = fchown(descriptor, newOwner, group)
        fchmod(descriptor, mode)
    }

    /// Applies the permissions to a file by name, for files that must not be opened: closing one would release SQLite's
    /// locks on it.
    func apply(to path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, isNeeded(by: status) else { return }
        _ = chown(path, newOwner, group)
        chmod(path, mode)
    }

    /// True if the file differs and this process may change it: it is the file's owner or root.
    private func isNeeded(by status: stat) -> Bool {
        let present = FilePermissions(status)
        guard present.owner == geteuid() || geteuid() == 0 else { return false }
        return present.mode != mode || present.group != group || geteuid() == 0 && present.owner != owner
    }

    private var newOwner: uid_t { geteuid() == 0 ? owner : uid_t.max }
}
