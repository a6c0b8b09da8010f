/// The peer of an HTTP connection, and whether it is a trusted proxy.
struct HTTPPeer {
    /// The numeric address; empty for a Unix domain socket. A PROXY header replaces it by the client's.
    private(set) var address: String
    /// True if the peer's forwarded headers are believed.
    private(set) var isTrusted: Bool
    /// True if a PROXY header says that the client uses TLS.
    private(set) var isSecure = false
    /// True until the first bytes have shown whether the connection begins with a PROXY header.
    private(set) var mayBeginWithHeader: Bool

    /// - Parameter isNew: true if nobody has read from the connection before.
    init(address: String, proxies: TrustedProxies, isNew: Bool) {
        self.address = address
        isTrusted = proxies.contains(peer: address)
        mayBeginWithHeader = isTrusted && isNew
    }

    /// Notes the PROXY header with which the connection began, or that it has none.
    mutating func begin(with header: ProxyHeader?, proxies: TrustedProxies) {
        mayBeginWithHeader = false
        isSecure = header?.isSecure ?? false
        switch header?.source {
        case nil, .proxy: break
        case .unknown: isTrusted = false
        case .client(let client):
            address = client
            isTrusted = proxies.contains(peer: client)
        }
    }
}
