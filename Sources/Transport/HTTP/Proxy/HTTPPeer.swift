/// The peer of an HTTP connection, and whether it is a trusted proxy.
package struct HTTPPeer: Equatable, Sendable {
    /// Stands for the address of a client that a trusted proxy names in no known form.
    static let unknown = "unknown"

    /// The numeric address; empty for a Unix domain socket. A PROXY header replaces it by the client's.
    package private(set) var address: String
    /// True if the peer's forwarded headers are believed.
    package private(set) var isTrusted: Bool
    /// True if a PROXY header says that the client uses TLS.
    package private(set) var isSecure = false
    /// True until the first bytes have shown whether the connection begins with a PROXY header.
    private(set) var mayBeginWithHeader: Bool

    /// - Parameter isNew: true if nobody has read from the connection before.
    init(address: String, proxies: TrustedProxies, isNew: Bool) {
        self.address = address
        isTrusted = proxies.contains(peer: address)
        mayBeginWithHeader = isTrusted && isNew
    }

    /// Makes the peer of a connection that another process has passed on. The properties explain the parameters.
    package init(address: String, isTrusted: Bool, isSecure: Bool) {
        self.address = address
        self.isTrusted = isTrusted
        self.isSecure = isSecure
        mayBeginWithHeader = false
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
