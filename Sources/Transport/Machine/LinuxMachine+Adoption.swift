import Glibc

/// Connections that other code of the program has accepted.
extension LinuxMachine {
    /// Makes a connected stream socket like one that ``accept(from:)`` returns: non-blocking, and closed on `exec`.
    /// - Returns: the peer's numeric address, empty for a Unix domain socket, and the address that the socket is bound
    ///   to, nil for a Unix domain socket.
    /// - Throws: ``SystemError`` if the descriptor is not a connected stream socket.
    func prepareConnection(_ descriptor: CInt) throws(SystemError) -> (peer: String, local: SocketAddress?) {
        var type: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 else { throw SystemError("getsockopt") }
        guard type == CInt(SOCK_STREAM.rawValue) else { throw SystemError("getsockopt", code: EPROTOTYPE) }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let found = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
        }
        guard found == 0 else { throw SystemError("getpeername") }
        try keepFromChildren(descriptor)
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) >= 0 else { throw SystemError("fcntl") }
        guard let local = SocketAddress(localOf: descriptor), local.unixPath == nil else { return ("", nil) }
        Self.prepareTCP(descriptor)
        return (SocketAddress.peerHost(of: &storage, length: length), local)
    }
}
