import Glibc

/// Unix domain sockets (unix(7)).
extension SocketAddress {
    /// A path that no Unix domain socket can have.
    public struct PathError: Error, Equatable, CustomStringConvertible {
        /// The requested path.
        public let path: String
        /// The reason, for the operator.
        public let reason: String

        public var description: String { "unix:\(path): \(reason)" }
    }

    /// The longest path, and the longest name in the abstract namespace, in bytes. The kernel's address has 108 bytes:
    /// a path ends with a zero byte, and a name begins with one.
    private static let maxLength = 107
    /// The offset of the path in the kernel's address.
    private static let pathOffset = MemoryLayout<sa_family_t>.size

    /// The reason why no socket can have this path; nil if one can.
    static func problem(ofUnixPath path: String) -> String? {
        if path.isEmpty || path == "@" { return "the path is empty" }
        if path.utf8.contains(0) { return "the path contains a zero byte" }
        if !path.hasPrefix("/"), !path.hasPrefix("@") {
            return "the path is not absolute, and does not begin with @ like a name in the abstract namespace"
        }
        if path.hasPrefix("@") {
            let length = path.utf8.count - 1
            return length > maxLength ? "the name has \(length) bytes; a name has at most \(maxLength)" : nil
        }
        let length = path.utf8.count
        return length > maxLength ? "the path has \(length) bytes; a socket's path has at most \(maxLength)" : nil
    }

    /// The address of one of several workers that cannot share a socket. Worker 0 has the path itself, and worker 2 has
    /// the path with `.2` appended. An IP address is the same for all.
    /// - Throws: ``PathError`` if the path becomes too long.
    package func ofWorker(_ slot: Int) throws(PathError) -> SocketAddress {
        guard let unixPath, slot > 0 else { return self }
        return try SocketAddress(unixPath: "\(unixPath).\(slot)")
    }

    /// The path of the socket's file; nil for an IP address and for a name in the abstract namespace.
    var file: String? {
        unixPath.flatMap { $0.hasPrefix("@") ? nil : $0 }
    }

    /// Calls `body` with the address of a Unix domain socket. A name in the abstract namespace begins with a zero byte
    /// and has no zero byte at its end.
    static func withUnixSockaddr<Result>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let isAbstract = path.hasPrefix("@")
        let bytes = isAbstract ? [0] + Array(path.utf8.dropFirst()) : Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes.prefix($0.count)) }
        let length = pathOffset + bytes.count + (isAbstract ? 0 : 1)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }

    /// The path in an address that the kernel filled in. nil for a socket without a path, such as one of a pair.
    static func unixPath(inSockaddr bytes: [UInt8]) -> String? {
        let path = bytes.dropFirst(pathOffset)
        guard let first = path.first else { return nil }
        guard first == 0 else { return String(decoding: path.prefix { $0 != 0 }, as: UTF8.self) }
        return "@" + String(decoding: path.dropFirst(), as: UTF8.self)
    }
}
