import Glibc

/// A directory whose files may be served.
///
/// A path is opened first and checked afterwards, so that the checked file is the served file even if the directory
/// changes meanwhile. The file must be inside the directory, and no part of its path may begin with a dot, except
/// `.well-known`. So a symbolic link works if its target could be requested directly.
package struct ServedDirectory: Sendable {
    package enum Entry {
        case file(OpenFile)
        case directory
    }

    /// O_PATH, which the Glibc module lacks: locates a file without opening it, so that pipes and devices are not
    /// affected.
    private static let pathOnly: CInt = 0o10_000_000

    /// The number of attempts to open a path whose file is replaced again and again.
    private static let attempts = 10

    /// The path without symbolic links.
    private let root: String
    private let limit: Int

    /// - Parameters:
    ///   - path: the directory.
    ///   - limit: the largest file that is served, in bytes.
    /// - Throws: ``FileError`` if the directory does not exist or cannot be read.
    package init(_ path: String, limit: Int) throws(FileError) {
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

    /// The entry at a path; nil if there is none that may be served.
    /// - Parameter relative: the path below this directory.
    /// - Throws: ``FileError`` for a file that may be served but cannot be read.
    package func entry(_ relative: String) throws(FileError) -> Entry? {
        for _ in 0..<Self.attempts {
            switch try attempt(relative) {
            case .found(let entry): return entry
            case .missing: return nil
            // Another file may have its name now.
            case .removedMeanwhile: continue
            }
        }
        return nil
    }

    private enum Attempt {
        case found(Entry)
        case missing
        /// The file was removed or replaced between opening it and checking it.
        case removedMeanwhile
    }

    private func attempt(_ relative: String) throws(FileError) -> Attempt {
        let found = open("\(root)/\(relative)", Self.pathOnly | O_CLOEXEC)
        guard found >= 0 else {
            let error = FileError(relative, code: errno)
            if error.isTemporary { throw error }
            return .missing
        }
        defer { close(found) }
        var information = stat()
        guard let path = Self.path(of: found), fstat(found, &information) == 0 else { return .missing }
        guard information.st_nlink > 0 else { return .removedMeanwhile }
        guard isServed(path) else { return .missing }
        if information.st_mode & S_IFMT == S_IFDIR { return .found(.directory) }
        return .found(.file(try OpenFile(found, path: path, limit: limit)))
    }

    /// The path of an open file.
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

    /// True if a name may be part of a path: neither `..` nor a hidden name other than `.well-known`.
    static func isServed(name: Substring) -> Bool {
        !name.hasPrefix(".") || name == ".well-known"
    }
}
