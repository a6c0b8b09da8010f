/// How Engine.IO sessions behave.
public struct EngineOptions: Sendable {
    /// The path that requests must begin with. It always has one slash at each end, however it is set.
    public var path: String {
        didSet { path = EnginePath.normalized(path) }
    }
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
    /// Which pages may use the server from a browser.
    public var origins: OriginPolicy
    /// Whether ``EngineSession/request`` keeps the headers and the query of the request that opened the session (24 KiB at
    /// most) while the session lives. Without it they are there until the session has its handler.
    public var keepsRequests: Bool

    public init(
        path: String = "/socket.io/", pingInterval: Duration = .seconds(25), pingTimeout: Duration = .seconds(20),
        upgradeTimeout: Duration = .seconds(10), maxPayload: Int = 1_000_000, maxPending: Int = 4 << 20,
        origins: OriginPolicy = .sameHost, keepsRequests: Bool = true
    ) {
        self.path = EnginePath.normalized(path)
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
        self.upgradeTimeout = upgradeTimeout
        self.maxPayload = maxPayload
        self.maxPending = maxPending
        self.origins = origins
        self.keepsRequests = keepsRequests
    }
}
