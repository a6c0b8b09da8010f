import Actors
import Transport

/// Hosts that share a Redis server, with its pub/sub, in the format of the official Redis adapter.
///
/// One connection receives everything, so all hosts see one order. Another one publishes.
public actor RedisBackplane: Backplane {
    public nonisolated let patience: Duration
    public nonisolated var carriesHostMessages: Bool { true }

    nonisolated let loop: EventLoop
    nonisolated let url: RedisURL
    /// The id of this host in all namespaces.
    nonisolated let node: String
    var receive: (@Sendable (BackplaneDelivery) -> Void)?
    var namespaces: [String: RedisNamespace] = [:]
    /// The namespaces by the pattern, or by each exact channel, of their subscriptions.
    var subscriptions: [String: String] = [:]
    /// The subscriptions that the server has not confirmed.
    var unconfirmed: Set<String> = []
    var publisher: RedisConnection?
    var subscriber: RedisConnection?
    /// Counts the attempts to connect.
    var connectionNumber = 0
    /// The number of connections whose sessions have started.
    var readyConnections = 0
    /// The number of nodes at the server, this one included, when it was last told.
    var nodeCount = 0
    /// The checks whose answers have not arrived, by the numbers of their commands.
    var checks: [UInt64: Check] = [:]
    /// When the last connection ended; nil while there is one, and before the first.
    var outageStart: ContinuousClock.Instant?
    /// Until when a new connection waits for the other nodes.
    var returnDeadline: ContinuousClock.Instant?
    var search = RedisServerSearch([])
    var isConnected = false
    var hasConnected = false
    var isClosed = false
    var backoff = ReconnectDelay()
    var questions = RedisQuestions()
    var outbox = RedisOutbox()
    /// The questions for sessions whose number of hosts was asked for, by the numbers of the commands.
    var hostCounts: [UInt64: HostMessage] = [:]

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - url: `redis://[USER:PASSWORD@]HOST[:PORT][,HOST…][/DATABASE]`.
    ///   - patience: how long messages wait for the server.
    ///   - loop: the hub's loop.
    init(_ url: RedisURL, patience: Duration, on loop: EventLoop) {
        self.url = url
        self.patience = patience
        self.loop = loop
        node = loop.makeSessionID().description
    }

    public nonisolated func start(_ receive: @escaping @Sendable (BackplaneDelivery) -> Void) {
        assumeIsolated { backplane in
            backplane.receive = receive
            backplane.subscribe(to: "/")
            backplane.connect()
        }
    }

    public nonisolated func open(_ namespace: String) {
        assumeIsolated { $0.subscribe(to: namespace) }
    }

    public nonisolated func release(allBut used: Set<String>) {
        assumeIsolated { $0.unsubscribe(allBut: used) }
    }

    public nonisolated func publish(_ messages: [OutgoingMessage]) {
        assumeIsolated { backplane in
            for message in messages { backplane.enqueue(message) }
            backplane.flush()
        }
    }

    public nonisolated func ask(_ question: BackplaneQuestion, _ number: UInt64) {
        assumeIsolated { $0.enqueue(question, number) }
    }

    public nonisolated func dismiss(_ number: UInt64) {
        assumeIsolated { $0.questions.dismiss(number) }
    }

    public nonisolated func answer(_ answer: BackplaneAnswer, to asker: BackplaneAsker) {
        assumeIsolated { $0.enqueue(answer, to: asker) }
    }

    public nonisolated func close() {
        assumeIsolated { backplane in
            backplane.isClosed = true
            backplane.closeConnections()
        }
    }

    func handle(_ event: RedisConnection.Event, ofPublisher isPublisher: Bool) {
        switch event {
        case .ended(let reason): ended(reason)
        case .session(.ready(let server)):
            guard server.role != .replica else { return ended("the server is a replica") }
            // In a cluster, each server counts its own subscriptions only, and there is no order between servers.
            guard server.mode != .cluster else { return ended("the server is part of a Redis Cluster") }
            readyConnections += 1
            if readyConnections == 2 { subscribe(to: namespaces.values.sorted { $0.name < $1.name }) }
        case .session(.answered(let number, let result)) where isPublisher: answered(number, result)
        case .session(.answered(_, .failure(let error))): ended("\(error)")
        case .session(.subscribed(_, let channel, _)): confirmed(String(decoding: channel, as: UTF8.self))
        case .session(.message(let message)): received(message)
        case .session(.answered), .session(.unsubscribed), .session(.failed): break
        }
    }

    // MARK: Subscribing

    func subscribe(to name: String) {
        guard namespaces[name] == nil else { return }
        let namespace = RedisNamespace(name, prefix: url.prefix, random: loop.machine.random())
        namespaces[name] = namespace
        for channel in namespace.exact + [namespace.channels.pattern] { subscriptions[channel] = name }
        if readyConnections == 2 { subscribe(to: [namespace]) }
    }

    /// Subscribes with two commands, however many namespaces there are: only a limited number of commands may wait for
    /// their answers.
    private func subscribe(to namespaces: [RedisNamespace]) {
        guard let subscriber, !namespaces.isEmpty else { return }
        let (exact, patterns) = (namespaces.flatMap(\.exact), namespaces.map(\.channels.pattern))
        unconfirmed.formUnion(exact)
        unconfirmed.formUnion(patterns)
        subscriber.subscribe(.channel, to: exact)
        subscriber.subscribe(.pattern, to: patterns)
    }

    /// Ends the subscriptions of namespaces that are not used any more.
    private func unsubscribe(allBut used: Set<String>) {
        guard isConnected, unconfirmed.isEmpty, outbox.isEmpty else { return }
        let unused = namespaces.values.filter { $0.name != "/" && !used.contains($0.name) }.sorted { $0.name < $1.name }
        guard let subscriber, !unused.isEmpty, questions.isEmpty else { return }
        let (exact, patterns) = (unused.flatMap(\.exact), unused.map(\.channels.pattern))
        for channel in exact + patterns { subscriptions[channel] = nil }
        for namespace in unused { namespaces[namespace.name] = nil }
        subscriber.unsubscribe(.channel, from: exact)
        subscriber.unsubscribe(.pattern, from: patterns)
    }

    private func confirmed(_ channel: String) {
        unconfirmed.remove(channel)
        guard unconfirmed.isEmpty else { return }
        if isConnected { flush() } else { awaitOtherNodes() }
    }

    /// Messages arrive, and those of the hub can be published.
    func finishConnecting() {
        isConnected = true
        outageStart = nil
        returnDeadline = nil
        for name in namespaces.keys.sorted() {
            namespaces[name]?.forgetOthers()
            if let (channel, payload) = namespaces[name]?.encodeLatest(node: node) {
                outbox.append(RedisOutbox.Message(channel: channel, payload: payload))
            }
        }
        if hasConnected { receive?(.gap) }
        hasConnected = true
        receive?(.connected)
        flush()
    }
}
