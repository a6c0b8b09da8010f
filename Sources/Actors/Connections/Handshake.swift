import Transport

/// The data from a client's connection requests.
public struct Handshake: Sendable {
    /// The HTTP request that opened the connection. Without ``ServerOptions/keepsHandshakes`` it lacks the headers and
    /// the query.
    public internal(set) var request: HTTPRequestHead
    /// The client's numeric address: the connection's peer, or the one that a proxy in
    /// ``ServerOptions/trustedProxies`` names.
    public let address: String
    /// The `auth` of the client's CONNECT packet: a JSON object, or nil. Without ``ServerOptions/keepsHandshakes`` it
    /// is nil after the connection handler has returned.
    public internal(set) var auth: JSONText?

    /// Who the client is; nil unless `identify` asks, and in its own function.
    public internal(set) var identity: ClientIdentity?
    /// True if the client is a program on this machine that connects without a proxy (``EngineSession/isLocal``).
    public internal(set) var isLocal = true

    /// The time at which the client joined the namespace, since 1970.
    public internal(set) var issued = Duration.zero

    /// The server's ``ServerOptions/coding``.
    var coding = ValueCoding.standard

    /// The attempt to join a namespace, while a function finds out who the client is.
    var attempt: ConnectAttempt?

    /// The headers of the request.
    public var headers: HTTPHeaders { request.headers }

    /// The path and the query of the request.
    public var url: String { request.target }

    /// The parameters in the query of the request.
    public var query: HTTPQuery { request.queryParameters }

    /// True if a web page sent the request and its browser named the page's origin.
    public var isCrossDomain: Bool { request.headers["origin"] != nil }

    /// True if the client's connection is encrypted: a proxy in ``ServerOptions/trustedProxies`` ends TLS and says so,
    /// with `X-Forwarded-Proto` or the PROXY protocol. The server itself does not speak TLS.
    public var isSecure: Bool { request.isSecure }

    var authBytes: Int { auth?.utf8.count ?? 0 }
}
