import Transport

/// How a server behaves.
public struct ServerOptions: Sendable {
    /// The Engine.IO sessions below.
    public var engine: EngineOptions
    /// The names that the server may be asked for under.
    public var hosts: HostPolicy
    /// How long a client may be connected without joining a namespace.
    public var connectTimeout: Duration
    /// How long a client may take for each 16 KiB of an answer to a request.
    public var answerTimeout: Duration
    /// How many bytes of messages and events may be on their way to the store and the hub before the clients that send them
    /// are not read any more.
    public var maxInFlight: Int
    /// How many bytes unfinished input of all connections may take: requests and messages that are arriving, packets without
    /// their attachments, and what clients sent for sockets that are not accepted yet. Over it the connection that holds most is
    /// reset. Never less than 11 times the largest ``EngineOptions/maxPayload``, so that a packet with ten attachments fits.
    public var maxInputMemory: Int
    /// The largest `auth` of a client's CONNECT, in bytes; with a larger one it is refused.
    public var maxAuth: Int
    /// Whether ``Socket/handshake`` keeps headers and `auth` while the socket lives. Without it the headers are there until the
    /// session is open and `auth` until the connection handler has returned, which saves memory.
    public var keepsHandshakes: Bool

    public init(
        engine: EngineOptions = EngineOptions(), hosts: HostPolicy = .automatic,
        connectTimeout: Duration = .seconds(45), answerTimeout: Duration = .seconds(60), maxInFlight: Int = 8 << 20,
        maxInputMemory: Int = 64 << 20, maxAuth: Int = 64 << 10, keepsHandshakes: Bool = true
    ) {
        self.engine = engine
        self.hosts = hosts
        self.connectTimeout = connectTimeout
        self.answerTimeout = answerTimeout
        self.maxInFlight = maxInFlight
        self.maxInputMemory = maxInputMemory
        self.maxAuth = maxAuth
        self.keepsHandshakes = keepsHandshakes
    }
}

/// What an operator should know of.
public enum ServerReport: Sendable {
    /// A handler threw.
    case handlerFailed(any Error, namespace: String)
    /// Stored messages could not be read; the reading is tried again.
    case historyFailed(any Error)
    /// A client asked for messages above the highest id that this store has ever given, so it comes from another
    /// database.
    case foreignOffset(SessionID)
    /// A request was refused for where it comes from, or for the host that it asks for.
    case refused(HTTPReport)
    /// The application emitted an event under a name that client libraries use for their own events, so it was not sent.
    case reservedEventName(String, namespace: String)
    /// Unfinished input exceeded ``ServerOptions/maxInputMemory``, and a connection was ended for it.
    case inputMemoryExceeded(limit: Int)
}
