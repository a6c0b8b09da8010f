import Glibc
import Transport

/// A file that cannot be read; the description is for the operator.
struct FileError: Error, CustomStringConvertible {
    let description: String
}

/// Reads regular files as a whole.
enum FileReader {
    /// What the system says about an open file.
    struct Status {
        let size: Int
        /// Names this version of the file, as far as the file system's clock tells versions apart.
        let tag: HTTPEntityTag
    }

    /// - Parameters:
    ///   - limit: the largest size that is read, in bytes.
    ///   - isKnown: asked before anything is read; when it says yes, the bytes are left out.
    /// - Throws: ``FileError`` when the file is not there, not a regular file, or over the limit.
    static func read(
        _ path: String, limit: Int, unless isKnown: (HTTPEntityTag) -> Bool = { _ in false }
    ) throws(FileError) -> (bytes: [UInt8], status: Status) {
        // Without O_NONBLOCK, opening a named pipe would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError(description: "\(path): \(reason(errno))") }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw FileError(description: "\(path): not a file")
        }
        let size = Int(information.st_size)
        guard size <= limit else { throw FileError(description: "\(path): \(size) bytes, over the limit of \(limit)") }
        let time = information.st_mtim
        let version = [Int(information.st_ino), size, time.tv_sec, time.tv_nsec]
        let tag = HTTPEntityTag(version.map { String($0, radix: 36) }.joined(separator: "-"))
        guard !isKnown(tag) else { return ([], Status(size: size, tag: tag)) }
        return (try bytes(of: descriptor, count: size, path: path), Status(size: size, tag: tag))
    }

    /// At most `count` bytes: what is appended meanwhile belongs to the next version.
    private static func bytes(of descriptor: CInt, count: Int, path: String) throws(FileError) -> [UInt8] {
        var failure: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            while used < count {
                let step = Glibc.read(descriptor, buffer.baseAddress.map { $0 + used }, count - used)
                if step < 0, errno == EINTR { continue }
                if step < 0 { failure = errno }
                guard step > 0 else { return }
                used += step
            }
        }
        guard failure == 0 else { throw FileError(description: "\(path): \(reason(failure))") }
        return bytes
    }

    /// The path of a directory without symbolic links.
    /// - Throws: ``FileError`` when there is no such directory or it cannot be read.
    static func resolveDirectory(_ path: String) throws(FileError) -> String {
        guard let resolved = resolve(path) else { throw FileError(description: "\(path): \(reason(errno))") }
        guard isDirectory(resolved) else { throw FileError(description: "\(path): not a directory") }
        guard access(resolved, R_OK | X_OK) == 0 else { throw FileError(description: "\(path): \(reason(errno))") }
        return resolved
    }

    /// The absolute path without symbolic links; nil when nothing is there.
    static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func isDirectory(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    private static func reason(_ code: CInt) -> String {
        String(cString: strerror(code))
    }
}
