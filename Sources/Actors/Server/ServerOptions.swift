import Transport

/// The options of a server.
public struct ServerOptions: Sendable {
    /// The options of the Engine.IO sessions.
    public var engine: EngineOptions
    /// Connection state recovery: a client that reconnects gets back its session, its rooms and every event it missed.
    /// nil, as in the official server, to keep no lost sessions. It applies to servers that `run` starts. Elsewhere the
    /// hub that the application creates has its own limits.
    public var recovery: RecoveryOptions?
    /// The time that a server in `run` takes to end: it stops accepting connections and sends its clients away evenly
    /// during the first half of this time, so that they do not all reconnect at once. It ends earlier once no client is
    /// left, and up to 4.5 s later if clients do not close their connections. Zero, the default, closes all connections
    /// at once.
    public var drainTimeout: Duration
    /// The host names that the server accepts in requests.
    public var hosts: HostPolicy
    /// The proxies whose information about clients is believed: addresses, schemes and hosts. Without them, the address
    /// of every client behind a proxy is the proxy's.
    public var trustedProxies: TrustedProxies
    /// The maximum number of open connections, of all workers; nil, the default, for as many as there are descriptors.
    /// Further ones are answered with 503.
    public var maxConnections: Int?
    /// The limits of each client address, of all workers. Clients over them are answered with 429.
    public var addressLimits: AddressLimits
    /// The maximum time that a client may be connected without joining a namespace.
    public var connectTimeout: Duration
    /// The maximum time that a client may take to receive each 16 KiB of an HTTP response.
    public var answerTimeout: Duration
    /// The maximum time that a connection may be idle between HTTP requests. It must be longer than a proxy or load
    /// balancer keeps its idle connections, or some of its requests fail.
    public var keepAlive: Duration
    /// The limit in bytes of messages that wait for the store, and of events that wait for their order. Each has this
    /// limit: above it, the server pauses reading from the clients that send them.
    public var maxInFlight: Int
    /// The limit in bytes of the unfinished input of all connections: incomplete requests and messages, packets with
    /// missing attachments, and input for sockets that are not accepted yet. Above it, the server resets the connection
    /// that holds the most. The effective limit is at least 11 times the largest ``EngineOptions/maxPayload``, so that
    /// a packet with ten attachments fits.
    public var maxInputMemory: Int
    /// The rate of each client's messages; nil, the default, for no limit. The server does not read from a client above
    /// its rate until it may handle the next message, and suspends the client's heartbeat meanwhile. It drops nothing
    /// while the connection lasts, and refuses nothing unless ``ConnectionHandling/onExcess(_:)`` says so. The
    /// connections of one identity (`ConnectionHandling.identify`) share the rate of one.
    public var messageRate: RateLimit?
    /// The rate of each client's messages in bytes; nil, the default, for no limit. The application can charge other
    /// work to it (``Socket/charge(bytes:)``).
    public var byteRate: RateLimit?
    /// The rate in bytes at which a client gets stored messages: those that it catches up on, and pages that a handler
    /// reads (``Socket/messages(before:maxCount:maxBytes:)``); nil, the default, for no limit. Above it the client gets
    /// the next page later, and newer messages after it. Messages that are published while it is connected do not
    /// count. All connections of one identity share the rate. All clients of one address that have no identity share
    /// ``AddressLimits/rateFactor`` times the rate, and one of them alone may use all of it. First pages of connections
    /// have a second rate as high in each worker.
    public var historyRate: RateLimit?
    /// True if ``messageRate``, ``byteRate`` and ``historyRate`` apply to clients on this machine too
    /// (``EngineSession/isLocal``).
    public var limitsLocalClients: Bool
    /// The maximum size in bytes of the `auth` in a client's CONNECT. The server rejects a CONNECT with a larger one.
    public var maxAuth: Int
    /// True if ``Socket/handshake`` keeps headers, query and `auth` for the socket's life. If false, the server saves
    /// memory: it drops headers and query once the session is open, and `auth` once the connection handler has
    /// returned.
    public var keepsHandshakes: Bool
    /// True if a session that its client resumes is not checked by middleware again. If false, a resumed session must
    /// pass the middleware like a new one; a rejected one stays available to a later claim until it expires.
    public var skipsMiddlewareOnRecovery: Bool
    /// The maximum number of namespaces that one connection may join besides the main one. A client that asks for more
    /// is disconnected.
    public var maxNamespaces: Int
    /// The maximum number of rooms that one socket may be in when it calls `Socket.join`, besides the one named after
    /// it. Operations on several sockets, such as `socketsJoin`, have no limit.
    public var maxRooms: Int
    /// The maximum number of pages of stored messages that each worker reads at once for clients that catch up, and the
    /// same number for clients that scroll up (``Socket/messages(before:maxCount:maxBytes:)``). Further ones wait.
    public var maxHistoryReads: Int
    /// The maximum number of dynamic namespaces (``SocketServer/of(matching:)``) in each worker. Above it, the server
    /// refuses clients that ask for another one.
    public var maxChildNamespaces: Int
    /// True if a dynamic namespace is removed when its last client has disconnected, with the handlers that were added
    /// to it. The next client creates it again, and resumes its session if it was kept. A namespace whose clients were
    /// all rejected is always removed, unless the application has asked for it by its name.
    public var removesEmptyNamespaces: Bool
    /// The format of packets on the wire: ``PacketParser/json``, ``PacketParser/messagePack`` or the application's own.
    public var parser: any PacketParser
    /// The JSON form of Swift values in events, acknowledgements and the sockets' data.
    public var coding: ValueCoding
    /// Called on the loop for each request and WebSocket; nil without an access log.
    package var accessLog: (@Sendable (HTTPAccess) -> Void)?
    /// True to keep no `auth` of connected clients, although their requests are kept.
    package var dropsAuth = false

    /// Creates options. The properties explain the parameters.
    public init(
        engine: EngineOptions = EngineOptions(), recovery: RecoveryOptions? = nil, drainTimeout: Duration = .zero,
        hosts: HostPolicy = .automatic, trustedProxies: TrustedProxies = .none,
        maxConnections: Int? = nil, addressLimits: AddressLimits = .none,
        connectTimeout: Duration = .seconds(45), answerTimeout: Duration = .seconds(60),
        keepAlive: Duration = .seconds(75), maxInFlight: Int = 8 << 20,
        maxInputMemory: Int = 64 << 20, messageRate: RateLimit? = nil, byteRate: RateLimit? = nil,
        historyRate: RateLimit? = nil, limitsLocalClients: Bool = true, maxAuth: Int = 64 << 10,
        keepsHandshakes: Bool = true, skipsMiddlewareOnRecovery: Bool = true, maxNamespaces: Int = 10_000,
        maxRooms: Int = 10_000, maxHistoryReads: Int = 4, maxChildNamespaces: Int = 10_000,
        removesEmptyNamespaces: Bool = false, parser: any PacketParser = .json, coding: ValueCoding = .standard
    ) {
        self.engine = engine
        self.recovery = recovery
        self.drainTimeout = drainTimeout
        self.hosts = hosts
        self.trustedProxies = trustedProxies
        self.maxConnections = maxConnections
        self.addressLimits = addressLimits
        self.connectTimeout = connectTimeout
        self.answerTimeout = answerTimeout
        self.keepAlive = keepAlive
        self.maxInFlight = maxInFlight
        self.maxInputMemory = maxInputMemory
        self.messageRate = messageRate
        self.byteRate = byteRate
        self.historyRate = historyRate
        self.limitsLocalClients = limitsLocalClients
        self.maxAuth = maxAuth
        self.keepsHandshakes = keepsHandshakes
        self.skipsMiddlewareOnRecovery = skipsMiddlewareOnRecovery
        self.maxNamespaces = maxNamespaces
        self.maxRooms = maxRooms
        self.maxHistoryReads = maxHistoryReads
        self.maxChildNamespaces = maxChildNamespaces
        self.removesEmptyNamespaces = removesEmptyNamespaces
        self.parser = parser
        self.coding = coding
    }
}

/// An event that concerns the server's operator.
public enum ServerReport: Sendable {
    /// A handler threw an error.
    case handlerFailed(any Error, namespace: String)
    /// The server could not read stored messages. It retries reads for catch-up.
    case historyFailed(any Error)
    /// A client asked for messages above the highest id that this store has ever assigned, so its offset comes from
    /// another database. With the id of its socket and its address, which is empty for a Unix domain socket.
    case foreignOffset(SessionID, address: String)
    /// The server rejected a request: because of its origin or its host, or before it reached a session.
    case refused(HTTPReport)
    /// The application emitted an event with a name that client libraries use for their own events. The event was not
    /// sent.
    case reservedEventName(String, namespace: String)
    /// The application's function for a route threw an error or took too long (``RouteTimeout``), or a file of a route
    /// could not be served. `path` is the path of the route.
    case routeFailed(any Error, path: String)
    /// A client did not enter a namespace. Reported for every such client.
    case clientRefused(RefusedClient)
    /// A client at this address sent a message that is not a packet, or a packet that it may not send now. The server
    /// closed the connection. `id` is that of the connection's first socket; nil if it has none.
    case invalidPacket(any Error, id: SessionID?, address: String)
    /// The server's ``ServerOptions/parser`` could not encode a packet, or an event to other servers is larger than
    /// 32 MiB. It was not sent.
    case packetNotSent(any Error)
    /// Unfinished input exceeded ``ServerOptions/maxInputMemory``, and the server reset a connection.
    case inputMemoryExceeded(limit: Int)
    /// The server refused a client of a new dynamic namespace; see ``ServerOptions/maxChildNamespaces``.
    case tooManyNamespaces(limit: Int)
    /// A socket in as many rooms as ``ServerOptions/maxRooms`` allows did not join another one. With the address of its
    /// client, which is empty for a Unix domain socket.
    case tooManyRooms(limit: Int, SessionID, address: String)
}
