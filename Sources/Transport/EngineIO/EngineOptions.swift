/// The options of an Engine.IO server.
public struct EngineOptions: Sendable {
    /// The path below which the server answers. It is normalized to have one slash at each end.
    public var path: String {
        didSet { path = EnginePath.normalized(path) }
    }
    /// The time from a pong to the next ping.
    public var pingInterval: Duration
    /// The time from a ping to the end of a session that has not answered it.
    public var pingTimeout: Duration
    /// The time that a probing WebSocket may take to finish the upgrade.
    public var upgradeTimeout: Duration
    /// The largest message that a client may send, in bytes.
    public var maxPayload: Int
    /// The most bytes that may wait for a client. If more wait, the session ends with "transport error". A single large
    /// packet may exceed the limit.
    public var maxPending: Int
    /// The web pages that may use the server from a browser.
    public var origins: OriginPolicy
    /// True if ``EngineSession/request`` keeps the headers and the query of the request that opened the session, at
    /// most 24 KiB, for the life of the session. If false, they are available only until the session has been opened
    /// for its handler.
    public var keepsRequests: Bool
    /// The contents of the CORS headers. Without effect if ``origins`` is ``OriginPolicy/sameHost``.
    public var cors: CORSOptions
    /// The transports that clients may use. Requests for another one are refused with error 0.
    public var transports: EngineTransports
    /// True if a polling client may change to a WebSocket. If false, the server offers no upgrade and refuses attempts.
    public var allowsUpgrades: Bool
    /// False to answer the ``path`` also without the slash at its end (`addTrailingSlash` of the official server).
    public var addsTrailingSlash: Bool
    /// The cookie that the answer to the first request of a polling session sets; nil for none.
    public var cookie: SessionCookie?
    /// The longest time that asynchronous hooks may take for a request.
    public var hookTimeout: Duration
    var hooks = EngineHooks()

    /// Makes options. The durations and `maxPayload` default to the values of the official server.
    public init(
        path: String = "/socket.io/", pingInterval: Duration = .seconds(25), pingTimeout: Duration = .seconds(20),
        upgradeTimeout: Duration = .seconds(10), maxPayload: Int = 1_000_000, maxPending: Int = 4 << 20,
        origins: OriginPolicy = .sameHost, cors: CORSOptions = .standard, transports: EngineTransports = .all,
        allowsUpgrades: Bool = true, addsTrailingSlash: Bool = true, cookie: SessionCookie? = nil,
        hookTimeout: Duration = .seconds(10), keepsRequests: Bool = true
    ) {
        self.path = EnginePath.normalized(path)
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
        self.upgradeTimeout = upgradeTimeout
        self.maxPayload = maxPayload
        self.maxPending = maxPending
        self.origins = origins
        self.cors = cors
        self.transports = transports
        self.allowsUpgrades = allowsUpgrades
        self.addsTrailingSlash = addsTrailingSlash
        self.cookie = cookie
        self.hookTimeout = hookTimeout
        self.keepsRequests = keepsRequests
    }
}
