import Glibc

/// Connections that this process opens to other servers, such as a database.
extension LinuxMachine {
    /// The time after which TCP gives up a peer that acknowledges nothing, in milliseconds.
    private static let peerTimeout: CInt = 10_000
    /// The time without traffic after which TCP asks whether the peer is still there, the time between two such
    /// questions, both in seconds, and the number of unanswered ones after which it gives up.
    private static let keepAlive: (idle: CInt, interval: CInt, count: CInt) = (5, 2, 3)

    /// Begins to connect. The socket becomes writable when the attempt has ended; see ``connectionError(of:)``.
    /// - Throws: ``SystemError`` if the attempt fails at once.
    package func openConnection(to address: SocketAddress) throws(SystemError) -> CInt {
        let isUnix = address.unixPath != nil
        let family = isUnix ? AF_UNIX : address.isIPv6 ? AF_INET6 : AF_INET
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        if !isUnix { Self.watchPeer(of: descriptor) }
        let result = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            let error = SystemError("connect")
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func watchPeer(of descriptor: CInt) {
        let options = [
            (CInt(IPPROTO_TCP), TCP_NODELAY, 1), (SOL_SOCKET, SO_KEEPALIVE, 1),
            (CInt(IPPROTO_TCP), TCP_KEEPIDLE, keepAlive.idle), (CInt(IPPROTO_TCP), TCP_KEEPINTVL, keepAlive.interval),
            (CInt(IPPROTO_TCP), TCP_KEEPCNT, keepAlive.count), (CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, peerTimeout),
        ]
        for (level, name, value) in options {
            var value = value
            setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
        }
    }

    /// The result of an attempt to connect; nil if it has succeeded.
    package func connectionError(of descriptor: CInt) -> SystemError? {
        var code: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return SystemError("getsockopt") }
        return code == 0 ? nil : SystemError("connect", code: code)
    }
}
