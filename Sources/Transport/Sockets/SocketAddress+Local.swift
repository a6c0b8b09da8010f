import Glibc

extension SocketAddress {
    /// The address that a socket is bound to; nil if `descriptor` is neither an IPv4 or IPv6 socket, nor a Unix domain
    /// socket with a path.
    init?(localOf descriptor: CInt) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let found = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard found == 0 else { return nil }
        switch storage.ss_family {
        case sa_family_t(AF_INET), sa_family_t(AF_INET6):
            // The port is at the same offset in both families' addresses.
            let port = withUnsafePointer(to: &storage) {
                $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) }
            }
            self.init(numericHost: Self.peerHost(of: &storage, length: length), port: port)
        case sa_family_t(AF_UNIX):
            let bytes = withUnsafeBytes(of: &storage) { Array($0.prefix(Int(length))) }
            guard let path = Self.unixPath(inSockaddr: bytes), let address = try? SocketAddress(unixPath: path) else {
                return nil
            }
            self = address
        default: return nil
        }
    }
}
