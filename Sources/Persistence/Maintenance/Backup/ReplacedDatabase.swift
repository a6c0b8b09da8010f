import CSQLite
import Glibc

/// The database in the place where another one is restored. It is locked, so that no program writes to it meanwhile.
struct ReplacedDatabase {
    private let path: String
    /// Nil if there is no database, or if it cannot be read.
    private let connection: SQLiteConnection?
    /// The ids that it has assigned; nil if they are unknown.
    let assigned: AssignedIDs?
    /// True if there is a file that is no usable database.
    let isUnreadable: Bool

    /// - Parameter path: the file, without symbolic links.
    /// - Throws: ``MaintenanceError`` if another program has the database open.
    init(path: String) throws(MaintenanceError) {
        self.path = path
        try Self.removeUnfinishedName(of: path)
        guard access(path, F_OK) == 0, !DatabaseFile.isEmpty(path) else {
            (connection, assigned, isUnreadable) = (nil, nil, false)
            return
        }
        do {
            let opened = try Self.open(path)
            (connection, assigned, isUnreadable) = (opened, try AssignedIDs(of: opened), false)
        } catch {
            guard Self.isUnusable(error) else { throw .store(error) }
            (connection, assigned, isUnreadable) = (nil, nil, true)
        }
    }

    /// The id at which the messages of a restored database and of this one part; nil if they do not.
    func fork(from restored: SQLiteConnection) -> Int64? {
        guard let connection else { return nil }
        do {
            return try TimelineFork.id(of: restored, from: connection)
        } catch {
            // A page of the replaced database may be damaged. Then nothing is known to be in both.
            return 0
        }
    }

    /// True if no server opens the database either, so that a restore is the way out. Other programs may use a database
    /// that is only locked or not accessible.
    private static func isUnusable(_ error: StoreError) -> Bool {
        if case .cannotOpen = error { return false }
        return error.cause != .busy
    }

    /// Opens the database, and copies its write-ahead log into it. SQLite refuses that while another program has it
    /// open. The transaction keeps others out.
    private static func open(_ path: String) throws(StoreError) -> SQLiteConnection {
        let connection = try SQLiteConnection(path: path, mode: .readWrite, busyTimeout: .seconds(2))
        // If the database turns out to be damaged, its log is kept as it is.
        connection.keepLog()
        guard case .hasAdditions = try Schema.inspect(connection) else {
            throw .unsuitableSchema(path: path, reason: "it has no table messages")
        }
        try connection.execute("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE")
        return connection
    }

    /// Gives the database a second name, and moves its write-ahead log away. Afterwards a file may be renamed to its
    /// place.
    ///
    /// At each moment, the place has the old or the new database: a server that starts on a missing file would create
    /// an empty one. While the old one has two names, no server opens it.
    /// - Parameter time: in seconds since 1970.
    /// - Returns: the second name; nil if there is no file.
    func moveAside(at time: Int) throws(MaintenanceError) -> String? {
        guard access(path, F_OK) == 0 else {
            // A log without its database belongs to no file any more.
            if access(path + "-wal", F_OK) == 0 { try moveLog(to: freeName(at: time)) }
            return nil
        }
        let name = freeName(at: time)
        if link(path, name) != 0 {
            // Some file systems have no hard links.
            guard rename(path, name) == 0 else { throw .file(path: name, reason: systemMessage(errno)) }
        }
        try moveLog(to: name)
        Directory.sync(Directory.of(path))
        return name
    }

    private func moveLog(to name: String) throws(MaintenanceError) {
        for suffix in ["-wal", "-shm", "-journal"] where access(path + suffix, F_OK) == 0 {
            guard rename(path + suffix, name + suffix) == 0 else {
                throw .file(path: path + suffix, reason: systemMessage(errno))
            }
        }
    }

    static let nameMark = ".before-restore-"

    private func freeName(at time: Int) -> String {
        let name = path + Self.nameMark + UTCTime.compactText(Int64(time))
        var candidate = name
        var count = 1
        while access(candidate, F_OK) == 0 {
            count += 1
            candidate = "\(name)-\(count)"
        }
        return candidate
    }

    /// Removes the second name that an interrupted restore has given the database.
    private static func removeUnfinishedName(of path: String) throws(MaintenanceError) {
        var database = stat()
        guard stat(path, &database) == 0, database.st_nlink > 1 else { return }
        let directory = Directory.of(path)
        let file = path.split(separator: "/").last.map(String.init) ?? path
        for name in Directory.names(in: directory) where name.hasPrefix(file + nameMark) {
            let other = directory + "/" + name
            var status = stat()
            guard lstat(other, &status) == 0, status.st_ino == database.st_ino, status.st_dev == database.st_dev else {
                continue
            }
            for suffix in ["-wal", "-shm", "-journal"] where access(other + suffix, F_OK) == 0 {
                rename(other + suffix, path + suffix)
            }
            unlink(other)
            return
        }
    }
}
