import CLinux
import Glibc

/// Bytes behind a descriptor, to pass them to a child process. They are in memory, and cannot be changed
/// (memfd_create(2)).
package final class MemoryFile: Sendable {
    /// The most bytes of a file: a file of bans, and what else a worker is told.
    package static let maxBytes = 40 << 20

    /// The descriptor, which is closed when a program is executed.
    package let descriptor: CInt

    /// - Throws: ``SystemError`` if no descriptor or memory is left, or if there are more than ``maxBytes``.
    package init(_ bytes: [UInt8]) throws(SystemError) {
        guard bytes.count <= Self.maxBytes else { throw SystemError("write", code: EFBIG) }
        descriptor = clinux_memory_file("chatd")
        guard descriptor >= 0 else { throw SystemError("memfd_create") }
        // If this fails, the descriptor is closed by `deinit`.
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { throw SystemError("write") }
            written += max(0, count)
        }
        guard clinux_seal(descriptor) == 0 else { throw SystemError("fcntl") }
    }

    deinit {
        close(descriptor)
    }

    /// Reads the bytes behind an inherited descriptor, and closes it. Other processes may read the same file.
    /// - Throws: ``SystemError`` if the descriptor is none of a file, or if the file has more than ``maxBytes``.
    package static func read(inherited descriptor: CInt) throws(SystemError) -> [UInt8] {
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("pread") }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= maxBytes else { throw SystemError("pread", code: EFBIG) }
            bytes += buffer.prefix(count)
        }
    }
}
