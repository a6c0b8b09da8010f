extension HTTPRequestHead {
    /// The header fields that only proxies add.
    private static let proxyFields = [
        "Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP",
    ]

    /// True if a program on this machine has sent the request itself. A request that a proxy on this machine passes on
    /// has a field of the proxy, or the host name that the proxy's client knows.
    /// - Parameter peer: the numeric address that the request comes from; empty for a Unix domain socket.
    func isLocal(fromPeer peer: String) -> Bool {
        guard peer.isEmpty || IPAddress(peer: peer)?.isLoopback == true else { return false }
        guard !Self.proxyFields.contains(where: { headers[$0] != nil }) else { return false }
        return headers["Host"].map { HostPolicy.isLocal(authority: $0) } ?? true
    }
}
