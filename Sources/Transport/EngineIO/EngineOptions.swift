/// How Engine.IO sessions behave.
public struct EngineOptions: Sendable {
    /// The path that requests must begin with, with a slash at both ends.
    public var path: String
    /// How long after a pong the next ping is sent.
    public var pingInterval: Duration
    /// How long after a ping a session without a pong is over.
    public var pingTimeout: Duration
    /// How long a probing WebSocket may take to finish its upgrade.
    public var upgradeTimeout: Duration
    /// The largest message a client may send, in bytes.
    public var maxPayload: Int
    /// The most bytes that may wait for a client; above it the session ends with "transport error".
    public var maxPending: Int
    /// Which other origins may use the server from a browser; nil: none (no CORS header at all).
    public var cors: CORSPolicy?

    public init(
        path: String = "/socket.io/", pingInterval: Duration = .seconds(25), pingTimeout: Duration = .seconds(20),
        upgradeTimeout: Duration = .seconds(10), maxPayload: Int = 1_000_000, maxPending: Int = 4 << 20,
        cors: CORSPolicy? = nil
    ) {
        self.path = path
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
        self.upgradeTimeout = upgradeTimeout
        self.maxPayload = maxPayload
        self.maxPending = maxPending
        self.cors = cors
    }
}

/// Which origins a browser may call the server from (Fetch standard, "CORS protocol").
public enum CORSPolicy: Sendable, Equatable {
    /// Every origin, without credentials.
    case anyOrigin
    /// These origins, with credentials.
    case origins([String])

    /// The headers for a request that came from `origin`.
    func headers(origin: String?) -> [(String, String)] {
        switch self {
        case .anyOrigin:
            return [("Access-Control-Allow-Origin", "*")]
        case .origins(let allowed):
            guard let origin, allowed.contains(origin) else { return [("Vary", "Origin")] }
            return [
                ("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"),
                ("Vary", "Origin"),
            ]
        }
    }

    /// The headers that answer a preflight.
    func preflightHeaders(origin: String?, requestedHeaders: String?) -> [(String, String)] {
        var headers = headers(origin: origin)
        headers.append(("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE"))
        if let requestedHeaders { headers.append(("Access-Control-Allow-Headers", requestedHeaders)) }
        return headers
    }
}
