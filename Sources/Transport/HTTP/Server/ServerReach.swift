/// The programs that can reach a server, by the addresses that it is reached at.
struct ServerReach {
    private var hasLoopback = false
    private var hasUnixSocket = false
    private var hasOther = false

    /// Adds a listening socket.
    mutating func add(_ address: SocketAddress) {
        if address.unixPath != nil {
            hasUnixSocket = true
        } else {
            addConnection(isLoopback: address.isLoopback)
        }
    }

    /// Adds a listening socket or a connection with an IP address.
    mutating func addConnection(isLoopback: Bool) {
        if isLoopback { hasLoopback = true } else { hasOther = true }
    }

    /// True if the server has no address that other machines can reach, and perhaps one that browsers on this machine
    /// can. Browsers cannot connect to Unix domain sockets, so what arrives there has passed a proxy.
    var isLoopbackOnly: Bool {
        !hasOther && (hasLoopback || !hasUnixSocket)
    }
}
