import Glibc

/// Reads files whose size is not known in advance, such as those that the kernel generates in `/proc`.
package enum SystemFile {
    /// The contents of the file at `path`; nil if it cannot be read or is larger than `limit` bytes.
    package static func read(_ path: String, limit: Int = 8 << 20) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, bytes.count + count <= limit else { return nil }
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
        }
    }
}
