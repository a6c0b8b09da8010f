import CLinux
import Glibc

/// A bound and listening stream socket. It accepts connections only once a ``Listener`` serves it.
public struct ListeningSocket: Sendable {
    /// Where it listens; the port is the real one.
    public let address: SocketAddress
    public let descriptor: CInt

    /// A socket that could not be bound.
    public struct BindError: Error, CustomStringConvertible {
        /// What was asked for.
        public let address: SocketAddress
        /// The failed call.
        public let cause: SystemError

        public var description: String { "cannot listen on \(address): \(cause)" }
    }

    /// Binds `host` in every family it has, all on one port.
    ///
    /// A family that this machine lacks is left out as long as another one is bound. Port 0 takes one that is free in
    /// all families.
    /// - Returns: the sockets and the addresses left out for want of their family.
    /// - Throws: ``BindError`` or ``SocketAddress/ResolutionError``.
    public static func bind(host: String, port: UInt16) throws -> (sockets: [ListeningSocket], missing: [SocketAddress])
    {
        let addresses = try SocketAddress.resolve(host: host, port: port)
        var attempts = port == 0 ? 16 : 1
        while true {
            do {
                return try bind(addresses)
            } catch {
                attempts -= 1
                guard error.cause.code == EADDRINUSE, attempts > 0 else { throw error }
            }
        }
    }

    private static func bind(
        _ addresses: [SocketAddress]
    ) throws(BindError) -> (sockets: [ListeningSocket], missing: [SocketAddress]) {
        var sockets: [ListeningSocket] = []
        var missing: [SocketAddress] = []
        var lastError: BindError?
        for address in addresses {
            let wanted = sockets.first.map { address.with(port: $0.address.port) } ?? address
            do {
                sockets.append(try ListeningSocket(binding: wanted))
            } catch {
                if error.cause.isMissingFamily {
                    missing.append(wanted)
                    lastError = error
                    continue
                }
                for socket in sockets { socket.close() }
                throw error
            }
        }
        if sockets.isEmpty, let lastError { throw lastError }
        return (sockets, missing)
    }

    private init(binding address: SocketAddress) throws(BindError) {
        let family = address.isIPv6 ? AF_INET6 : AF_INET
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw BindError(address: address, cause: SystemError("socket")) }
        var one: CInt = 1
        var isIPv6Only: CInt = address.host == "::" ? 0 : 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size)
        if address.isIPv6 { setsockopt(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &isIPv6Only, size) }
        let bound = address.withSockaddr { Glibc.bind(descriptor, $0, $1) }
        guard bound == 0, listen(descriptor, 4096) == 0 else {
            let cause = SystemError(bound == 0 ? "listen" : "bind")
            Glibc.close(descriptor)
            throw BindError(address: address, cause: cause)
        }
        self.descriptor = descriptor
        self.address = SocketAddress(localOf: descriptor) ?? address
    }

    /// Takes over a listening socket that this process was started with.
    /// - Throws: ``SystemError`` when the descriptor is none.
    public init(inherited descriptor: CInt) throws(SystemError) {
        guard let address = SocketAddress(localOf: descriptor) else { throw SystemError("getsockname") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        self.descriptor = descriptor
        self.address = address
    }

    /// Closes the socket; the port is free again.
    public func close() {
        Glibc.close(descriptor)
    }
}

extension SystemError {
    fileprivate var isMissingFamily: Bool {
        code == EAFNOSUPPORT || code == EADDRNOTAVAIL || code == EPROTONOSUPPORT
    }
}
