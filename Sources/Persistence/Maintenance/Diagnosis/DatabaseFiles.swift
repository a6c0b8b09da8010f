import Glibc

/// The files of an SQLite database: their sizes, permissions and leftovers. Nothing is opened, because closing a file
/// releases the locks that this process has on it.
struct DatabaseFiles {
    /// Without symbolic links.
    let path: String

    var findings: [Finding] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return [Finding(.problem, "\(path): \(systemMessage(errno))")]
        }
        return [file(status)] + besides(status) + leftovers
    }

    /// The size of the write-ahead log in bytes.
    var logSize: Int64 { Self.size(of: path + "-wal") ?? 0 }

    private func file(_ status: stat) -> Finding {
        let text = "\(path): \(ByteCount.text(Int64(status.st_size))), \(Self.permissions(status))"
        if status.st_nlink > 1 {
            return Finding(
                .problem,
                "\(text); it has another name (a hard link), so no server opens it: remove that name, or "
                    + "repeat an interrupted chatd restore")
        }
        guard status.st_mode & 0o007 == 0 else {
            return Finding(.warning, "\(text); every user of this machine may read it: chmod 600")
        }
        return Finding(.ok, text)
    }

    /// The files beside the database must be usable by the same users.
    private func besides(_ database: stat) -> [Finding] {
        ["-wal", "-shm", ".lock"].compactMap { suffix in
            var status = stat()
            guard stat(path + suffix, &status) == 0 else { return nil }
            let isSame =
                status.st_uid == database.st_uid && status.st_gid == database.st_gid
                && status.st_mode & 0o777 == database.st_mode & 0o777
            guard !isSame else { return nil }
            return Finding(
                .warning,
                "\(path)\(suffix): \(Self.permissions(status)), unlike the database; a server of another "
                    + "user may be unable to open it")
        }
    }

    /// Files that interrupted commands and lost files have left.
    private var leftovers: [Finding] {
        let directory = Directory.of(path)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return Directory.names(in: directory).compactMap { other in
            let place = directory + "/" + other
            let size = ByteCount.text(Self.size(of: place) ?? 0)
            if other.hasSuffix(PartialFile.suffix) {
                return Finding(.warning, "\(place): \(size), not complete; remove it if no chatd command runs")
            }
            if other.hasPrefix(name + ".saved-") {
                return Finding(.warning, "\(place): \(size), messages that were saved when a file was lost")
            }
            if other.hasPrefix(name + ReplacedDatabase.nameMark) {
                return Finding(.warning, "\(place): \(size), replaced by a restore; remove it when you do not need it")
            }
            return nil
        }
    }

    private static func size(of path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    private static func permissions(_ status: stat) -> String {
        let mode = String(status.st_mode & 0o777, radix: 8)
        return "mode 0\(mode), user \(status.st_uid), group \(status.st_gid)"
    }
}
