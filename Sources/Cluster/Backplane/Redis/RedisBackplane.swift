import Actors
import Transport

/// Hosts that share a Redis server, with its pub/sub or a stream, in the format of an official Redis adapter.
///
/// One connection receives all messages, so all hosts see one order. Another one publishes. With a stream, that is what
/// a third one reads, and only questions and answers are published.
public actor RedisBackplane: Backplane {
    public nonisolated let patience: Duration
    public nonisolated let outagePolicy: OutagePolicy
    public nonisolated var carriesHostMessages: Bool { true }

    nonisolated let loop: EventLoop
    nonisolated let url: RedisURL
    nonisolated let pubSub: RedisPubSub
    /// The id of this host in all namespaces.
    nonisolated let node: String
    var receive: (@Sendable (BackplaneDelivery) -> Void)?
    var namespaces: [String: RedisNamespace] = [:]
    /// The namespaces by the pattern, or by each exact channel, of their subscriptions.
    var subscriptions: [String: String] = [:]
    /// The channels of rooms, which are other subscriptions.
    var rooms = RedisRooms()
    /// The last command that subscribes to channels of rooms; nil before the first of the connection.
    var roomSubscription: UInt64?
    /// The last command of the receiving connection that the server has answered.
    var confirmedSubscription: UInt64?
    /// The subscriptions that the server has not confirmed.
    var unconfirmed: Set<String> = []
    var publisher: RedisConnection?
    var subscriber: RedisConnection?
    /// The stream; nil with pub/sub alone.
    var stream: RedisStream?
    /// Counts the attempts to connect.
    var connectionNumber = 0
    /// The number of connections whose sessions have started.
    var readyConnections = 0
    /// The numbers of the latest messages, which are published before this host subscribes.
    var latestNumbers = Outbox<RedisPublication>()
    /// True if it can subscribe: these are published.
    var isReady = false
    /// The number of nodes at the server, this one included, when it was last told.
    var nodeCount = 0
    /// The checks whose answers have not arrived, by the numbers of their commands.
    var checks: [UInt64: Check] = [:]
    var outage: Outage
    /// Until when a new connection waits for the other nodes.
    var returnDeadline: ContinuousClock.Instant?
    var search = ServerSearch<RedisURL.Server>([])
    var isConnected = false
    var hasConnected = false
    /// True if the other hosts are not to ask this one any more. It does not connect again then.
    var isLeaving = false
    var isClosed = false
    var backoff = ReconnectDelay()
    var questions = RedisQuestions()
    var outbox = Outbox<RedisPublication>()
    /// Whether messages still come back, and the command of the request that tells.
    var returnCheck = ReturnCheck()
    var returnRequest: UInt64?
    /// The questions for sessions whose number of hosts was asked for, by the numbers of the commands.
    var hostCounts: [UInt64: HostMessage] = [:]

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - url: `redis://[USER:PASSWORD@]HOST[:PORT][,HOST…][/DATABASE]`.
    ///   - pubSub: the form of pub/sub.
    ///   - patience: how long messages wait for the server.
    ///   - outagePolicy: what happens to events then.
    ///   - loop: the hub's loop.
    init(_ url: RedisURL, _ pubSub: RedisPubSub, patience: Duration, outagePolicy: OutagePolicy, on loop: EventLoop) {
        self.url = url
        self.pubSub = pubSub
        self.patience = patience
        self.outagePolicy = outagePolicy
        outage = Outage(patience: patience)
        self.loop = loop
        node = loop.makeSessionID().description
        if pubSub == .streams { stream = RedisStream(url, node: node) }
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

    public nonisolated func checkReturn(of number: UInt64) {
        assumeIsolated { $0.askForReturn(of: number) }
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

    public func close() async {
        await finishPublishing()
        isClosed = true
        closeConnections()
    }

    func handle(_ event: RedisConnection.Event, of role: ConnectionRole) {
        switch event {
        case .ended(let reason, _): ended(reason)
        case .session(.ready(let server)):
            if let refusal = pubSub.refusal(of: server) { return ended(refusal) }
            readyConnections += 1
            if readyConnections == (stream == nil ? 2 : 3) { sessionsStarted() }
        case .session(.answered(let number, let result)) where role == .publisher: answered(number, result)
        case .session(.answered(_, let result)) where role == .reader: readAnswered(result)
        case .session(.answered(_, .failure(let error))): ended(RedisPubSub.reason(of: error))
        case .session(.answered(let number, .success)) where number == returnRequest: returnRequestAnswered()
        case .session(.answered(let number, .success)): confirmed(number)
        case .session(.subscribed(_, let channel, _)): confirmed(String(decoding: channel, as: UTF8.self))
        case .session(.message(let message)): received(message)
        case .session(.unsubscribed), .session(.failed): break
        }
    }

    // MARK: Subscribing

    func subscribe(to name: String) {
        guard namespaces[name] == nil, !isLeaving else { return }
        let namespace = RedisNamespace(
            name, pubSub, prefix: url.prefix, openedAt: stream?.reading.place, random: loop.machine.random())
        namespaces[name] = namespace
        for channel in namespace.exact + [namespace.dialect.pattern].compactMap({ $0 }) {
            subscriptions[channel] = name
        }
        if isReady { subscribe(to: [namespace]) }
    }

    /// Subscribes with two commands, however many namespaces there are: only a limited number of commands may wait for
    /// their answers.
    func subscribe(to namespaces: [RedisNamespace]) {
        guard let subscriber, !namespaces.isEmpty else { return }
        let (exact, patterns) = (namespaces.flatMap(\.exact), namespaces.compactMap(\.dialect.pattern))
        unconfirmed.formUnion(exact)
        unconfirmed.formUnion(patterns)
        subscriber.subscribe(pubSub.subscription, to: exact)
        if !patterns.isEmpty { subscriber.subscribe(.pattern, to: patterns) }
    }

    /// Ends the subscriptions of namespaces that are not used any more.
    private func unsubscribe(allBut used: Set<String>) {
        guard isConnected, !isLeaving, unconfirmed.isEmpty, outbox.isEmpty, stream?.sender.isIdle ?? true else {
            return
        }
        let unused = namespaces.values.filter { $0.name != "/" && !used.contains($0.name) }.sorted { $0.name < $1.name }
        guard let subscriber, !unused.isEmpty, questions.isEmpty else { return }
        // A channel may be that of a room in another namespace too.
        let exact = unused.flatMap(\.exact).filter { rooms.namespaces(of: $0).isEmpty }
        let patterns = unused.compactMap(\.dialect.pattern)
        for channel in unused.flatMap(\.exact) + patterns { subscriptions[channel] = nil }
        for namespace in unused { namespaces[namespace.name] = nil }
        if !exact.isEmpty { subscriber.unsubscribe(pubSub.subscription, from: exact) }
        if !patterns.isEmpty { subscriber.unsubscribe(.pattern, from: patterns) }
    }

    private func confirmed(_ channel: String) {
        guard unconfirmed.remove(channel) != nil, unconfirmed.isEmpty else { return }
        if isConnected { flush() } else { completeConnection() }
    }

    /// Completes the connection when all subscriptions are confirmed, and the place in the stream is known.
    func completeConnection() {
        guard !isConnected, unconfirmed.isEmpty else { return }
        guard let stream else { return awaitOtherNodes() }
        // Others read what is added before they come back.
        if stream.hasPlace { finish() }
    }

    /// Messages arrive, and those of the hub can be published.
    func finishConnecting() {
        isConnected = true
        returnDeadline = nil
        defer { flush() }
        guard stream == nil else {
            receive?(.connected)
            return
        }
        for name in namespaces.keys.sorted() {
            if let publication = namespaces[name]?.latestBefore(node: node) { outbox.append(publication) }
        }
        if hasConnected { receive?(.gap) }
        hasConnected = true
        receive?(.connected)
    }
}
