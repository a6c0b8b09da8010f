/// What clients use of limits that all workers of a server share: ``ServerOptions/maxConnections``,
/// ``ServerOptions/addressLimits``, and the rates of an identity or of an address.
///
/// Each worker counts its own clients, and reports what they use about once a second, and at once if an address opens
/// much. The hub adds up what the others have. What a worker admits before it hears of the others stays.
public struct SharedUse: Sendable, Equatable {
    /// What the clients of one address use.
    public struct Address: Sendable, Equatable {
        /// The address, or the IPv6 network of 64 bits, in numbers.
        public let name: String
        /// The open connections at present.
        public var connections: Int
        /// The open sessions at present.
        public var sessions: Int
        /// The sessions that were opened since the last report.
        public var handshakes: Int

        /// Describes an address. The properties explain the parameters.
        public init(name: String, connections: Int, sessions: Int, handshakes: Int) {
            self.name = name
            self.connections = connections
            self.sessions = sessions
            self.handshakes = handshakes
        }
    }

    /// What the connections of one identity, or those without an identity from one address, have used since the last
    /// report.
    public struct Identity: Sendable, Equatable {
        /// The identity's id, or U+0000 and the name of the address.
        public let id: String
        /// The number of messages.
        public var messages: Int
        /// The size of the messages in bytes, and what the application has charged.
        public var bytes: Int
        /// The size in bytes of the stored messages and missed events that clients got.
        public var historyBytes: Int

        /// Describes an identity. The properties explain the parameters.
        public init(id: String, messages: Int, bytes: Int, historyBytes: Int) {
            self.id = id
            self.messages = messages
            self.bytes = bytes
            self.historyBytes = historyBytes
        }
    }

    /// The open connections at present, of all addresses.
    public var connections: Int
    /// The addresses whose use has changed. Those that use little are left out.
    public var addresses: [Address]
    /// The identities and addresses whose clients have used much since the last report.
    public var identities: [Identity]

    /// Creates a report. The properties explain the parameters.
    public init(connections: Int = 0, addresses: [Address] = [], identities: [Identity] = []) {
        self.connections = connections
        self.addresses = addresses
        self.identities = identities
    }

    /// The approximate size in bytes.
    var byteCount: Int { 64 * (addresses.count + identities.count) }
}
