import CLinux
import Glibc

/// An IPv4 or IPv6 address and a port, or the path of a Unix domain socket.
public struct SocketAddress: Sendable, Equatable, CustomStringConvertible {
    /// The numeric address, such as `127.0.0.1` or `::1`; empty for a Unix domain socket.
    public let host: String
    /// The port; 0 lets the system choose one. 0 for a Unix domain socket.
    public let port: UInt16
    let isIPv6: Bool
    /// The path of a Unix domain socket, or `@` and its name in the abstract namespace; nil for an IP address.
    public let unixPath: String?

    init(host: String, port: UInt16, isIPv6: Bool) {
        self.host = host
        self.port = port
        self.isIPv6 = isIPv6
        unixPath = nil
    }

    init(numericHost host: String, port: UInt16) {
        self.init(host: host, port: port, isIPv6: host.contains(":"))
    }

    /// The address of a Unix domain socket.
    /// - Parameter path: an absolute path, or `@` and a name in the abstract namespace, which has no files (unix(7)).
    /// - Throws: ``PathError`` if no socket can have this path.
    public init(unixPath path: String) throws(PathError) {
        if let reason = Self.problem(ofUnixPath: path) { throw PathError(path: path, reason: reason) }
        host = ""
        port = 0
        isIPv6 = false
        unixPath = path
    }

    /// A host name that cannot be resolved.
    public struct ResolutionError: Error, CustomStringConvertible {
        /// The requested host.
        public let host: String
        /// The resolver's explanation.
        public let reason: String

        public var description: String { "cannot resolve \(host): \(reason)" }
    }

    /// Resolves `host` to its addresses. `localhost` always means the two loopback addresses, regardless of the hosts
    /// file. Resolving any other name may block the thread.
    /// - Throws: ``ResolutionError`` if the resolver does not know the host.
    public static func resolve(host: String, port: UInt16) throws(ResolutionError) -> [SocketAddress] {
        if host == "localhost" {
            return [
                SocketAddress(host: "127.0.0.1", port: port, isIPv6: false),
                SocketAddress(host: "::1", port: port, isIPv6: true),
            ]
        }
        // Accept brackets around an IPv6 address, as in a URL.
        if host.hasPrefix("["), host.hasSuffix("]") {
            let literal = String(host.dropFirst().dropLast())
            guard literal.contains(":"), !literal.hasPrefix("[") else {
                throw ResolutionError(host: host, reason: "not an IPv6 address")
            }
            return try resolve(host: literal, port: port)
        }
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(host, nil, &hints, &list)
        guard failure == 0 else { throw ResolutionError(host: host, reason: String(cString: gai_strerror(failure))) }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let text = numericHost(entry.pointee.ai_addr, entry.pointee.ai_addrlen) {
                let address = SocketAddress(numericHost: text, port: port)
                if !found.contains(address) { found.append(address) }
            }
            next = entry.pointee.ai_next
        }
        return found
    }

    /// True if the address is an IP address that only programs on this machine can reach. A Unix domain socket has no
    /// such address, because no browser can reach it, only a proxy.
    package var isLoopback: Bool {
        isIPv6 ? host == "::1" : host.hasPrefix("127.")
    }

    /// The URL of the server's pages for a browser on this machine; `unix:PATH` for a Unix domain socket.
    public var url: String {
        guard unixPath == nil else { return description }
        return ["127.0.0.1", "0.0.0.0", "::"].contains(host) ? "http://localhost:\(port)" : "http://\(description)"
    }

    /// The same address with another port.
    package func with(port: UInt16) -> SocketAddress {
        SocketAddress(host: host, port: port, isIPv6: isIPv6)
    }

    /// Calls `body` with the address as a `sockaddr`.
    package func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        if let unixPath { return Self.withUnixSockaddr(unixPath, body) }
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            // The interface of a link-local address follows a percent sign, as in `fe80::1%eth0`.
            let parts = host.split(separator: "%", maxSplits: 1)
            inet_pton(AF_INET6, parts.first.map(String.init) ?? "", &address.sin6_addr)
            if parts.count > 1 { address.sin6_scope_id = UInt32(parts[1]) ?? if_nametoindex(String(parts[1])) }
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    private static func numericHost(_ address: UnsafePointer<sockaddr>?, _ length: socklen_t) -> String? {
        guard let address else { return nil }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        return text.withUnsafeBufferPointer { $0.baseAddress.map { unmapped(String(cString: $0)) } }
    }

    /// The IPv4 address in an IPv4-mapped IPv6 address such as `::ffff:127.0.0.1`; any other address unchanged. A
    /// socket that is bound to `::` has such peers for IPv4 clients. IPv6-only sockets cannot bind to the mapped form.
    private static func unmapped(_ host: String) -> String {
        host.hasPrefix("::ffff:") && host.contains(".") ? String(host.dropFirst(7)) : host
    }

    /// The numeric host of an address that the kernel filled in; empty for a Unix domain socket.
    static func peerHost(of storage: inout sockaddr_storage, length: socklen_t) -> String {
        guard storage.ss_family != sa_family_t(AF_UNIX) else { return "" }
        return withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { numericHost($0, length) ?? "" }
        }
    }

    public var description: String {
        if let unixPath { return "unix:\(unixPath)" }
        return isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
