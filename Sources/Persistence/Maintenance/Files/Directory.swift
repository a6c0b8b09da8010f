import Glibc

/// Directories of databases and of files for them.
enum Directory {
    /// The path of the directory that contains a file.
    static func of(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Waits until the names in a directory are on the disk. Some file systems cannot do so for a directory, which is
    /// no reason to fail.
    static func sync(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        Glibc.close(descriptor)
    }

    /// The bytes that this process may still write in a directory; nil if the system does not tell.
    static func freeBytes(_ path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }

    /// The names of the files in a directory, sorted.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path), let start = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            // Read the name in place. An entry ends after its name, so copying the whole field could read beyond the
            // buffer.
            let field = UnsafeRawPointer(entry).advanced(by: start)
            names.append(String(cString: field.assumingMemoryBound(to: CChar.self)))
        }
        return names.sorted()
    }

    /// The path without symbolic links, also if only the file itself is missing.
    static func resolved(_ path: String) -> String {
        if let full = realpath(path, nil) {
            defer { free(full) }
            return String(cString: full)
        }
        guard let folder = realpath(of(path), nil) else { return path }
        defer { free(folder) }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let prefix = String(cString: folder)
        return (prefix.hasSuffix("/") ? prefix : prefix + "/") + name
    }
}
