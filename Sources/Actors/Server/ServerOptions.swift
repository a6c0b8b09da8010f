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

    public init(
        engine: EngineOptions = EngineOptions(), hosts: HostPolicy = .automatic,
        connectTimeout: Duration = .seconds(45), answerTimeout: Duration = .seconds(60), maxInFlight: Int = 8 << 20
    ) {
        self.engine = engine
        self.hosts = hosts
        self.connectTimeout = connectTimeout
        self.answerTimeout = answerTimeout
        self.maxInFlight = maxInFlight
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
}
