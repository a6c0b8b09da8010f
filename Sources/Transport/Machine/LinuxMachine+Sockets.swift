import CLinux
import Glibc

/// Stream sockets: non-blocking, and closed on `exec`.
extension LinuxMachine {
    /// The most unsent bytes that the kernel buffers for a peer (`TCP_NOTSENT_LOWAT`). By default megabytes can
    /// accumulate for a peer that does not read, and a ping would wait behind them.
    private static let maxUnsentBytes: CInt = 128 * 1024
    /// The most connections of one socket that wait to be accepted.
    static let backlog: CInt = 4096

    package func listen(
        on address: SocketAddress
    ) throws(SystemError) -> (descriptor: CInt, address: SocketAddress) {
        guard address.unixPath == nil else { return try listenLocally(on: address) }
        let family = address.isIPv6 ? AF_INET6 : AF_INET
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        Self.set(SO_REUSEADDR, at: SOL_SOCKET, to: 1, of: descriptor)
        if address.isIPv6 {
            Self.set(IPV6_V6ONLY, at: CInt(IPPROTO_IPV6), to: address.host == "::" ? 0 : 1, of: descriptor)
        }
        let bound = address.withSockaddr { bind(descriptor, $0, $1) }
        guard bound == 0, Glibc.listen(descriptor, Self.backlog) == 0 else {
            let error = SystemError(bound == 0 ? "listen" : "bind")
            Glibc.close(descriptor)
            throw error
        }
        return (descriptor, SocketAddress(localOf: descriptor) ?? address)
    }

    package func localAddress(of descriptor: CInt) throws(SystemError) -> SocketAddress {
        guard let address = SocketAddress(localOf: descriptor) else { throw SystemError("getsockname") }
        return address
    }

    package func accept(from listener: CInt) throws(SystemError) -> (descriptor: CInt, peer: String) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let descriptor = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { clinux_accept(listener, $0, &length) }
        }
        guard descriptor >= 0 else { throw SystemError("accept4") }
        if storage.ss_family != sa_family_t(AF_UNIX) { Self.prepareTCP(descriptor) }
        return (descriptor, SocketAddress.peerHost(of: &storage, length: length))
    }

    /// Sets the options of a TCP connection.
    static func prepareTCP(_ descriptor: CInt) {
        set(TCP_NODELAY, at: CInt(IPPROTO_TCP), to: 1, of: descriptor)
        set(TCP_NOTSENT_LOWAT, at: CInt(IPPROTO_TCP), to: maxUnsentBytes, of: descriptor)
    }

    private static func set(_ option: CInt, at level: CInt, to value: CInt, of descriptor: CInt) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    package func receive(from descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        Self.transfer("recv") { recv(descriptor, buffer.baseAddress, buffer.count, 0) }
    }

    package func send(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> IOResult {
        Self.transfer("send") { Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL)) }
    }

    package func unacknowledgedBytes(of descriptor: CInt) -> Int {
        max(0, Int(clinux_unacknowledged(descriptor)))
    }

    package func shutDownSending(_ descriptor: CInt) {
        shutdown(descriptor, CInt(SHUT_WR))
    }

    package func reset(_ descriptor: CInt) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        Glibc.close(descriptor)
    }
}
