import Glibc
import Transport

/// A regular file that is open for reading. Reads fail if the file has changed since it was opened.
package final class OpenFile: Sendable {
    /// The path without symbolic links.
    let path: String
    /// The size of the file when it was opened, in bytes.
    let size: Int
    private let descriptor: CInt
    private let version: [Int]

    /// Identifies this version of the file, within the resolution of the file system's clock.
    var tag: HTTPEntityTag { HTTPEntityTag(version.map { String($0, radix: 36) }.joined(separator: "-")) }

    /// - Parameters:
    ///   - entry: a descriptor of the file. The initializer opens this file, even if another one has the path by now.
    ///   - limit: the largest allowed size, in bytes.
    /// - Throws: ``FileError`` if the file cannot be read, is not a regular file, or is over the limit.
    init(_ entry: CInt, path: String, limit: Int) throws(FileError) {
        var information = stat()
        guard fstat(entry, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw FileError(description: "\(path): not a file")
        }
        descriptor = open("/proc/self/fd/\(entry)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0, let version = Self.version(of: descriptor) else {
            let error = FileError(path)
            if descriptor >= 0 { close(descriptor) }
            throw error
        }
        self.path = path
        self.version = version
        size = version[1]
        guard size <= limit else {
            throw FileError(description: "\(path): \(size) bytes, over the limit of \(limit)")
        }
    }

    deinit {
        close(descriptor)
    }

    private static func version(of descriptor: CInt) -> [Int]? {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { return nil }
        let time = information.st_mtim
        return [Int(information.st_ino), Int(information.st_size), time.tv_sec, time.tv_nsec]
    }

    /// Some of the file's bytes; nil if they cannot be read, or if the file has changed since it was opened, because
    /// the pieces would mix two versions. Waits for the disk.
    func read(from offset: Int, count: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            while used < count {
                let step = pread(descriptor, buffer.baseAddress.map { $0 + used }, count - used, offset + used)
                if step < 0, errno == EINTR { continue }
                guard step > 0 else { return }
                used += step
            }
        }
        return bytes.count == count && Self.version(of: descriptor) == version ? bytes : nil
    }

    /// The whole file.
    /// - Throws: ``FileError`` if the file cannot be read or has changed.
    package func readAll() throws(FileError) -> [UInt8] {
        guard let bytes = read(from: 0, count: size) else {
            throw FileError(description: "\(path): not readable, or changed while it was read")
        }
        return bytes
    }
}
