/// How much the clients of one address may do. An IPv6 network of 64 bits counts as one address, because one machine
/// usually has all of its addresses.
///
/// The limits do not apply to loopback addresses, to Unix domain sockets and to the ``TrustedProxies``, behind which
/// are many clients. They apply to the clients that a trusted proxy names.
public struct AddressLimits: Sendable, Equatable {
    /// The maximum number of open connections, and of open sessions, of an address; nil for no limit.
    public var connections: Int?
    /// The rate of an address's new sessions; nil for no limit.
    public var handshakes: RateLimit?
    /// How many times the rates of one client (`ServerOptions.messageRate`, `byteRate` and `historyRate`) all clients
    /// of an address may use together, except those with an identity; nil for no limit.
    public var rateFactor: Int?

    /// No limits.
    public static let none = AddressLimits()

    /// Creates limits. The properties explain the parameters.
    public init(connections: Int? = nil, handshakes: RateLimit? = nil, rateFactor: Int? = nil) {
        self.connections = connections
        self.handshakes = handshakes
        self.rateFactor = rateFactor
    }
}

/// A limit that a client has reached.
public enum ReachedLimit: String, Sendable, CaseIterable {
    /// The server has as many connections as it may have.
    case connections
    /// The address has as many connections as it may have.
    case addressConnections
    /// The address has as many sessions as it may have.
    case addressSessions
    /// The address opens sessions faster than it may.
    case handshakes
}
