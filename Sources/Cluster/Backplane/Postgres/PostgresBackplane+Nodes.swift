import Actors
import Persistence
import Transport

/// The other nodes: telling them that this host is there, and noticing which of them are.
extension PostgresBackplane {
    /// A message about this host itself. Only the latest one of a namespace is sent.
    struct Signal {
        let channel: String
        let message: ClusterMessage
    }

    private static let tick = Duration.seconds(1)
    /// The number of ticks in which the first heartbeat must come back.
    private static let maxReturnTicks = 5
    /// The time between two looks whether the other nodes are back.
    private static let returnInterval = Duration.milliseconds(50)
    /// How long the server may take to accept the last message, and what comes before it.
    private static let goodbyeTime = Duration.seconds(1)
    private static let goodbyeInterval = Duration.milliseconds(5)

    // MARK: Beginning

    /// Tells the other nodes that this host is there, when it listens.
    func announce() {
        guard mayListen, unconfirmed.isEmpty, !isAnnounced else { return }
        isAnnounced = true
        ticks = 0
        for name in namespaces.keys { signal(.initialHeartbeat, in: name) }
        flush()
        tickRegularly()
    }

    /// This host's first heartbeat in a namespace has come back: what is published arrives.
    func firstHeartbeatReturned(in name: String) {
        guard let namespace = namespaces[name], namespace.settledAt == nil else { return }
        namespaces[name]?.firstHeartbeatReturned(at: loop.now)
        let connection = connectionNumber
        loop.startTask {
            await self.loop.pause(for: PostgresNamespace.settlingTime)
            await self.askEarlyQuestions(in: name, connection)
        }
        guard name == "/", !isConnected else { return }
        let deadline = outage.returnDeadline(at: loop.now)
        loop.startTask { await self.awaitOtherNodes(until: deadline, connection) }
    }

    /// Waits until the nodes are back that were there before the outage.
    private func awaitOtherNodes(until deadline: ContinuousClock.Instant?, _ connection: Int) async {
        while connection == connectionNumber, isAnnounced, let deadline, loop.now < deadline,
            !earlierNodes.isSubset(of: namespaces["/"]?.nodes.ids ?? [])
        {
            await loop.pause(for: Self.returnInterval)
        }
        guard connection == connectionNumber, isAnnounced, !isConnected else { return }
        finishConnecting()
    }

    /// Messages arrive, and those of the hub can be published.
    private func finishConnecting() {
        isConnected = true
        for name in namespaces.keys.sorted() {
            guard let namespace = namespaces[name] else { continue }
            guard let marker = namespace.numbers.latestBefore(node: node) else { continue }
            outbox.append(PostgresPublication(marker, in: namespace))
        }
        if hasConnected { receive?(.gap) }
        hasConnected = true
        receive?(.connected)
        flush()
    }

    // MARK: Heartbeats

    private func tickRegularly() {
        let connection = connectionNumber
        loop.startTask {
            await self.loop.pause(for: Self.tick)
            await self.tick(connection)
        }
    }

    private func tick(_ connection: Int) {
        guard isAnnounced, connection == connectionNumber else { return }
        ticks += 1
        guard ticks <= Self.maxReturnTicks || namespaces["/"]?.settledAt != nil else {
            return ended("notifications do not come back; a pool of connections must pool by session")
        }
        for name in namespaces.keys.sorted() {
            for gone in namespaces[name]?.tick() ?? [] { report(questions.remove(gone, from: name)) }
            if namespaces[name]?.needsHeartbeat(at: loop.now) ?? false { signal(.heartbeat, in: name) }
        }
        if loop.now >= nextCleanup { cleanUp() }
        flush()
        tickRegularly()
    }

    func signal(_ content: ClusterMessage.Content, in name: String) {
        guard let namespace = namespaces[name] else { return }
        // The first heartbeat has the meaning of the others, and more.
        if content == .heartbeat, signals[name] != nil { return }
        let message = ClusterMessage(uid: node, namespace: name, content: content)
        signals[name] = Signal(channel: namespace.channels.all, message: message)
    }

    /// Sends what waits in one transaction, after the one before. So what other nodes ask for is not sent more often
    /// than the server accepts it.
    func sendSignals() {
        guard let publisher, isAnnounced, !isSignalling, !signals.isEmpty, publisher.room > 0 else { return }
        let notifications = signals.sorted { $0.key < $1.key }.map { _, signal in
            (channel: signal.channel, payload: signal.message.encoded(for: .postgres))
        }
        for name in signals.keys { namespaces[name]?.noteSent(at: loop.now) }
        signals = [:]
        isSignalling = true
        publisher.send(PostgresStatements.notify(notifications), for: .signals)
    }

    // MARK: Leaving

    /// Gives the listening session a name that the other hosts do not count. What official adapters ask, they need not
    /// count: the last message of this host, behind its answers, ends their waits for it.
    func withdraw() async {
        isLeaving = true
        endQuestions()
        guard let listener, isConnected, listener.room > 0 else { return }
        listener.send(PostgresStatements.rename(node, prefix: url.prefix), for: .leave)
        await loop.wait(atMost: Self.goodbyeTime) { isConnected && (isCounted || inbox.isHeld) }
    }

    /// Waits until the server has taken what was published.
    func finishPublishing() async {
        await loop.wait(atMost: Self.goodbyeTime) { isConnected && outbox.byteCount > 0 }
    }

    /// Tells the other nodes that this host is gone. Waits until the server has accepted that, for a short time.
    func sayGoodbye() async {
        guard isAnnounced else { return }
        for name in namespaces.keys { signal(.close, in: name) }
        await loop.wait(atMost: Self.goodbyeTime) {
            flush()
            return isAnnounced && (isSignalling || !signals.isEmpty)
        }
        publisher?.terminate()
        listener?.terminate()
        await loop.pause(for: Self.goodbyeInterval)
    }

    // MARK: Old attachments

    private func cleanUp() {
        guard let publisher, !isCleaning, publisher.room > 0 else { return }
        isCleaning = true
        publisher.send(statements.cleanup, for: .cleanup)
    }

    /// Some old attachments were deleted. If there may be more, they follow behind the messages that wait now.
    func cleaned(_ result: Result<PostgresResult, PostgresError>) {
        isCleaning = false
        nextCleanup = loop.now + PostgresStatements.attachmentTime
        switch result {
        case .success(let result):
            if result.commandTag == "DELETE \(PostgresStatements.cleanupCount)" { nextCleanup = loop.now }
        case .failure(let error):
            receive?(.problem(reason: "old attachments cannot be deleted: \(error)\(advice(about: error))"))
            makeTableAgain(after: error)
        }
        flush()
        if loop.now >= nextCleanup { cleanUp() }
    }

    // MARK: A missing table

    /// What the operator may have to do. It is a part of the error's line, because the log limits their number.
    func advice(about error: PostgresError) -> String {
        guard error.code == PostgresStatements.undefinedTable else { return "" }
        return "; this host makes the table again if it has the right to create it"
    }

    /// Makes the table of attachments again if it is missing, because somebody has dropped it.
    func makeTableAgain(after error: PostgresError) {
        guard error.code == PostgresStatements.undefinedTable, let publisher, !isMakingTable, publisher.room > 0 else {
            return
        }
        isMakingTable = true
        publisher.send(statements.table, for: .tableAgain)
    }

    func tableMadeAgain(_ result: Result<PostgresResult, PostgresError>) {
        isMakingTable = false
        if case .failure(let error) = result {
            receive?(.problem(reason: "the table of attachments cannot be made again: \(error)"))
        }
        flush()
    }
}
