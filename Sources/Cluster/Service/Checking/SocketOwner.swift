import Glibc
import Transport

/// A process that has a listening socket.
package struct SocketOwner: Equatable, Sendable, CustomStringConvertible {
    package let process: Int32
    /// The name of its program.
    package let name: String
    /// True if it runs the same program as this process, or one of the same name.
    package let isChatd: Bool

    package var description: String { "process \(process) (\(name))" }

    /// The process that listens on a port. nil if there is none, or if this user may not see it.
    static func ofPort(_ port: UInt16) -> SocketOwner? {
        owner(
            of: ["/proc/net/tcp", "/proc/net/tcp6"].map { SocketTable.listening(onPort: port, in: read($0)) }
                .reduce([]) { $0.union($1) })
    }

    /// The process that listens on a Unix domain socket. nil if there is none, or if this user may not see it.
    static func ofPath(_ path: String) -> SocketOwner? {
        owner(of: SocketTable.listening(onPath: path, in: read("/proc/net/unix")))
    }

    /// The first process that has one of the sockets. Workers have their sockets from the primary process, which is
    /// older.
    private static func owner(of sockets: Set<UInt64>) -> SocketOwner? {
        guard !sockets.isEmpty else { return nil }
        let links = Set(sockets.map { "socket:[\($0)]" })
        let processes = names(in: "/proc").compactMap { Int32($0) }.sorted()
        return processes.first { process in
            names(in: "/proc/\(process)/fd").contains { name in
                link("/proc/\(process)/fd/\(name)").map(links.contains) ?? false
            }
        }.map { process in
            let name = read("/proc/\(process)/comm").split(separator: "\n").first.map(String.init) ?? "unknown"
            let program = link("/proc/\(process)/exe")
            return SocketOwner(
                process: process, name: name,
                isChatd: name == "chatd" || program != nil && program == link("/proc/self/exe"))
        }
    }

    private static func read(_ path: String) -> String {
        SystemFile.read(path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private static func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }
}
