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
        /// Nil until bans are known.
        var list: BanList?
    }

    /// The bans cannot be read, so it is not known who is banned.
    package struct Unreadable: Error, Equatable, CustomStringConvertible {
        package let path: String
        package let cause: SystemError

        package var description: String { "the bans in \(path) cannot be read: \(cause)" }
    }

    package let path: String
    private let state: Mutex<State>
    private let report: @Sendable (Unreadable) -> Void

    /// - Parameters:
    ///   - lastKnown: the bans that another process of this server has read; nil if there is none.
    ///   - report: called each time that the last known bans are used because the file cannot be read.
    package init(
        _ path: String, lastKnown: BanList? = nil, report: @escaping @Sendable (Unreadable) -> Void = { _ in }
    ) {
        self.path = path
        self.report = report
        state = Mutex(State(list: lastKnown))
    }

    /// The bans. A file that cannot be read any more leaves the last known ones in force; a file that is gone has none.
    package var list: BanList {
        let (list, unreadable): (BanList, Unreadable?) = state.withLock { state in
            do throws(Unreadable) {
                return (try update(&state), nil)
            } catch {
                return (state.list ?? BanList(), error)
            }
        }
        if let unreadable { report(unreadable) }
        return list
    }

    /// Reads the bans. A process that lets clients in does this once when it starts, or has ``start()``, so that
    /// ``list`` always knows bans.
    /// - Returns: the bans; none if there is no file.
    /// - Throws: ``Unreadable`` if the file cannot be read.
    package func read() throws(Unreadable) -> BanList {
        try state.withLock { state throws(Unreadable) in try update(&state) }
    }

    /// Makes sure that ``list`` knows bans: those of the file, or the last known ones.
    /// - Throws: ``Unreadable`` if no bans are known.
    package func start() throws(Unreadable) {
        try state.withLock { state throws(Unreadable) in
            do throws(Unreadable) {
                _ = try update(&state)
            } catch {
                guard state.list != nil else { throw error }
            }
        }
    }

    private func update(_ state: inout State) throws(Unreadable) -> BanList {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw Unreadable(path: path, cause: SystemError("stat")) }
            state = State(list: BanList())
            return BanList()
        }
        let identity = Identity(
            device: UInt64(status.st_dev), number: UInt64(status.st_ino), size: Int64(status.st_size),
            changed: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec])
        if let list = state.list, identity == state.identity { return list }
        do throws(SystemError) {
            guard status.st_size <= Self.maxBytes else { throw SystemError("read", code: EFBIG) }
            let list = BanList(lines: try Self.contents(of: path))
            state = State(identity: identity, list: list)
            return list
        } catch {
            throw Unreadable(path: path, cause: error)
        }
    }

    private static func contents(of path: String) throws(SystemError) -> [UInt8] {
        // A pipe in the place of the file must not block the thread.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemError("open") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read") }
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
            guard bytes.count <= maxBytes else { throw SystemError("read", code: EFBIG) }
        }
    }

    /// Replaces the file, and reads it, so that these are the last known bans. It survives a power cut once this has
    /// returned. Blocks the thread.
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
        _ = try? read()
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
