import Actors
import Transport

/// Hosts that share a PostgreSQL database, with its notifications, in the format of the official PostgreSQL adapter.
///
/// One session listens and receives everything, so all hosts see one order. Another one publishes. A message that is
/// too large for a notification is in a table, and its notification has the id of its row.
actor PostgresBackplane: Backplane {
    /// What the statements of the publishing session are for.
    enum PublisherWork {
        case table
        /// The table was missing.
        case tableAgain
        case signals
        /// The numbers of this host's latest messages.
        case latestNumbers
        case publication(UInt64, namespace: String, PostgresPublication.Purpose)
        case hostCount(HostMessage)
        case cleanup
    }

    /// What the statements of the listening session are for.
    enum ListenerWork {
        case listen([String])
        case unlisten
        /// The other hosts do not count the session any more.
        case leave
        /// The answer tells whether a message of this host still comes back.
        case returnCheck
        /// An attachment of the official adapter, or of a server like this one.
        case fetch(PostgresAttachment, namespace: String, isOfHost: Bool)
    }

    nonisolated var carriesHostMessages: Bool { true }
    nonisolated let patience: Duration
    nonisolated let outagePolicy: OutagePolicy
    nonisolated let loop: EventLoop
    nonisolated let url: PostgresBackplaneURL
    nonisolated let statements: PostgresStatements
    /// The id of this host in all namespaces.
    nonisolated let node: String
    var receive: (@Sendable (BackplaneDelivery) -> Void)?
    var namespaces: [String: PostgresNamespace] = [:]
    /// The namespaces by the names of their channels.
    var channels: [String: String] = [:]
    /// The namespaces for which PostgreSQL has no channels. What happens in them stays on this host.
    var localNamespaces: Set<String> = []
    var publisher: PostgresSession<PublisherWork>?
    var listener: PostgresSession<ListenerWork>?
    /// Counts the attempts to connect.
    var connectionNumber = 0
    /// True if the publishing session can publish.
    var isPublisherReady = false
    /// True if the listening session has started.
    var isListenerReady = false
    /// True if it can listen: the numbers of the latest messages are published.
    var mayListen = false
    /// The namespaces to which the session does not listen yet.
    var unconfirmed: Set<String> = []
    var isListening = false
    /// True if this host has told the others that it is there.
    var isAnnounced = false
    /// The number of ticks since then.
    var ticks = 0
    /// The nodes of the main namespace before the last outage.
    var earlierNodes: Set<String> = []
    /// Heartbeats and the like that wait to be sent, by namespace.
    var signals: [String: Signal] = [:]
    var isSignalling = false
    var isCleaning = false
    var isMakingTable = false
    var nextCleanup: ContinuousClock.Instant
    var outage: Outage
    var search = ServerSearch<PostgresURL.Server>([])
    var isConnected = false
    var hasConnected = false
    /// True if the other hosts are not to ask this one any more. It does not connect again then.
    var isLeaving = false
    /// True if the other hosts count this one.
    var isCounted = true
    var isClosed = false
    var backoff = ReconnectDelay()
    var questions = ClusterQuestions()
    var outbox = Outbox<PostgresPublication>()
    /// Whether messages still come back.
    var returnCheck = ReturnCheck()
    var inbox = PostgresInbox()
    /// Counts what was published.
    var publicationNumber: UInt64 = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - url: the database, the prefix of the channels and the table of attachments.
    ///   - patience: how long messages wait for the server.
    ///   - outagePolicy: what happens to events then.
    ///   - loop: the hub's loop.
    init(_ url: PostgresBackplaneURL, patience: Duration, outagePolicy: OutagePolicy, on loop: EventLoop) {
        self.url = url
        self.patience = patience
        self.loop = loop
        statements = PostgresStatements(url.table)
        self.outagePolicy = outagePolicy
        outage = Outage(patience: patience)
        nextCleanup = loop.now + PostgresStatements.attachmentTime
        node = ClusterMessage.makeID(random: loop.machine.random())
    }

    nonisolated func start(_ receive: @escaping @Sendable (BackplaneDelivery) -> Void) {
        assumeIsolated { backplane in
            backplane.receive = receive
            backplane.listen(to: "/")
            backplane.connect()
        }
    }

    nonisolated func open(_ namespace: String) {
        assumeIsolated { $0.listen(to: namespace) }
    }

    nonisolated func release(allBut used: Set<String>) {
        assumeIsolated { $0.leave(allBut: used) }
    }

    nonisolated func publish(_ messages: [OutgoingMessage]) {
        assumeIsolated { backplane in
            for message in messages { backplane.enqueue(message) }
            backplane.flush()
        }
    }

    nonisolated func checkReturn(of number: UInt64) {
        assumeIsolated { $0.askForReturn(of: number) }
    }

    nonisolated func abandon() {
        assumeIsolated { backplane in
            if !backplane.isConnected { backplane.outbox = Outbox() }
        }
    }

    nonisolated func ask(_ question: BackplaneQuestion, _ number: UInt64) {
        assumeIsolated { $0.enqueue(question, number) }
    }

    nonisolated func dismiss(_ number: UInt64) {
        assumeIsolated { backplane in
            backplane.questions.dismiss(number)
            for name in backplane.namespaces.keys { backplane.namespaces[name]?.dismiss(number) }
        }
    }

    nonisolated func answer(_ answer: BackplaneAnswer, to asker: BackplaneAsker) {
        assumeIsolated { $0.enqueue(answer, to: asker) }
    }

    func close() async {
        isClosed = true
        await finishPublishing()
        await sayGoodbye()
        closeConnections()
    }

    func handle(_ event: PostgresSession<PublisherWork>.Event) {
        switch event {
        case .ended(let reason, _): ended(reason)
        case .ready: publisher?.send(statements.table, for: .table)
        case .answered(.table, .success):
            isPublisherReady = true
            publishLatestNumbers()
        case .answered(.table, .failure(let error)): ended("the table of attachments cannot be used: \(error)")
        case .answered(.tableAgain, let result): tableMadeAgain(result)
        case .answered(.signals, .success):
            isSignalling = false
            flush()
        case .answered(.latestNumbers, .success): begin()
        case .answered(.signals, .failure(let error)), .answered(.latestNumbers, .failure(let error)): ended("\(error)")
        case .answered(.publication(let number, let namespace, let purpose), let result):
            published(outbox.answered(number), purpose, in: namespace, result)
            flush()
        case .answered(.hostCount(let message), let result): counted(message, result)
        case .answered(.cleanup, let result): cleaned(result)
        case .notification: break
        }
    }

    func handle(_ event: PostgresSession<ListenerWork>.Event) {
        switch event {
        case .ended(let reason, _): ended(reason)
        case .ready:
            isListenerReady = true
            publishLatestNumbers()
        case .answered(.listen(let names), .success): confirmed(names)
        case .answered(.listen, .failure(let error)), .answered(.unlisten, .failure(let error)): ended("\(error)")
        case .answered(.unlisten, .success): break
        case .answered(.leave, _): isCounted = false
        case .answered(.returnCheck, _): returnRequestAnswered()
        case .answered(.fetch(let attachment, let namespace, let isOfHost), let result):
            fetched(attachment, in: namespace, isOfHost: isOfHost, result)
        case .notification(let channel, let payload): received(payload, from: channel)
        }
    }
}
