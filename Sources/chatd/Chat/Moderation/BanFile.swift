import Glibc
import Synchronization
import Transport

/// The file of the bans, which all processes of a server share.
///
/// The primary process replaces the file at each change. Every process looks at the file's identity before it lets a
/// client in, and reads a new file. So a worker that has just started knows all bans, and no message between the
/// processes can be missed.
package final class BanFile: Sendable {
    /// The largest file, in bytes.
    private static let maxBytes = 32 << 20

    private struct Identity: Equatable {
        var device: UInt64 = 0
        var number: UInt64 = 0
        var size: Int64 = 0
        var changed: [Int] = []
    }

    private struct State {
        var identity: Identity?
        var list = BanList()
    }

    package let path: String
    private let state = Mutex(State())

    package init(_ path: String) {
        self.path = path
    }

    /// The bans. A file that cannot be read any more leaves the last known ones in force; a file that is gone has none.
    package var list: BanList {
        state.withLock { state in
            var status = stat()
            guard stat(path, &status) == 0 else {
                if errno == ENOENT { state = State() }
                return state.list
            }
            let identity = Identity(
                device: UInt64(status.st_dev), number: UInt64(status.st_ino), size: Int64(status.st_size),
                changed: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec])
            guard identity != state.identity, let bytes = SystemFile.read(path, limit: Self.maxBytes) else {
                return state.list
            }
            state = State(identity: identity, list: BanList(lines: bytes))
            return state.list
        }
    }

    /// Replaces the file. It survives a power cut once this has returned. Blocks the thread.
    /// - Throws: ``SystemError``; the earlier file is then unchanged.
    package func write(_ list: BanList) throws(SystemError) {
        let draft = path + ".new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("open") }
        do throws(SystemError) {
            defer { close(descriptor) }
            try Self.write(list.lines, to: descriptor)
            guard fsync(descriptor) == 0 else { throw SystemError("fsync") }
            guard rename(draft, path) == 0 else { throw SystemError("rename") }
        } catch {
            unlink(draft)
            throw error
        }
        let end = path.lastIndex(of: "/")
        let directory = open(end.map { String(path[...$0]) } ?? ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private static func write(_ bytes: [UInt8], to descriptor: CInt) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { throw SystemError("write") }
            written += max(0, count)
        }
    }
}
