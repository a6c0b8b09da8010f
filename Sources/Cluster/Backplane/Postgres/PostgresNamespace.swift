import Transport

/// One namespace at a PostgreSQL server: its channels, its nodes, and the numbers of its messages. A value without I/O.
struct PostgresNamespace {
    /// How long a node that sends nothing waits for its next heartbeat, as with the official adapters.
    static let heartbeatInterval = Duration.seconds(5)
    /// How long the other nodes may take to answer the first heartbeat. Until then this host does not know whom its
    /// questions must wait for.
    static let settlingTime = Duration.milliseconds(500)

    let name: String
    let channels: PostgresChannels
    var numbers = EventNumbers()
    private(set) var nodes = ClusterNodes()
    /// When this host has sent its last message.
    private var lastSent: ContinuousClock.Instant
    /// When questions can be asked; nil until the first heartbeat has come back.
    private(set) var settledAt: ContinuousClock.Instant?
    /// The questions that wait for that.
    private var early: [(question: BackplaneQuestion, number: UInt64)] = []

    /// - Throws: ``PostgresChannels/Refusal`` if PostgreSQL has no channels for the name.
    init(_ name: String, prefix: String, at now: ContinuousClock.Instant) throws(PostgresChannels.Refusal) {
        self.name = name
        channels = try PostgresChannels(prefix: prefix, namespace: name)
        lastSent = now
    }

    // MARK: Nodes

    mutating func hear(_ node: String) {
        nodes.hear(node)
    }

    mutating func remove(_ node: String) {
        nodes.remove(node)
    }

    /// A second has passed.
    /// - Returns: the nodes that are gone.
    mutating func tick() -> [String] { nodes.tick() }

    mutating func noteSent(at now: ContinuousClock.Instant) {
        lastSent = now
    }

    func needsHeartbeat(at now: ContinuousClock.Instant) -> Bool { now - lastSent >= Self.heartbeatInterval }

    // MARK: Questions

    /// This host's first heartbeat on the connection has come back.
    mutating func firstHeartbeatReturned(at now: ContinuousClock.Instant) {
        settledAt = settledAt ?? now + Self.settlingTime
    }

    func isSettled(at now: ContinuousClock.Instant) -> Bool { settledAt.map { now >= $0 } ?? false }

    /// Keeps a question until the other nodes are known.
    /// - Returns: false if too many wait.
    mutating func wait(_ question: BackplaneQuestion, _ number: UInt64) -> Bool {
        guard early.count < OpenQuestions<Void>.limit else { return false }
        early.append((question, number))
        return true
    }

    mutating func dismiss(_ number: UInt64) {
        early.removeAll { $0.number == number }
    }

    /// Takes the questions that wait.
    mutating func takeEarlyQuestions() -> [(question: BackplaneQuestion, number: UInt64)] {
        defer { early = [] }
        return early
    }

    /// The connection has ended. Other nodes may be gone when there is a new one.
    mutating func connectionEnded() {
        nodes = ClusterNodes()
        settledAt = nil
    }
}
