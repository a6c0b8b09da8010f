import Actors
import Persistence
import Transport

/// Opening the sessions, and opening them again.
extension PostgresBackplane {
    /// Tries the servers in their order until one accepts both sessions.
    func connect() {
        search = ServerSearch(url.database.servers)
        carryOut(search.next())
    }

    private func carryOut(_ step: ServerSearch<PostgresURL.Server>.Step) {
        guard !isClosed, !isLeaving else { return }
        switch step {
        case .connect(let address, let server): connect(to: address, of: server)
        case .lookUp(let server): loop.startTask { await self.lookUp(server) }
        case .giveUp(let reason): retryLater(reason)
        }
    }

    private func lookUp(_ server: PostgresURL.Server) async {
        do {
            search.found(try await server.addresses)
        } catch {
            search.failed("\(error)")
        }
        carryOut(search.next())
    }

    private func connect(to address: SocketAddress, of server: PostgresURL.Server) {
        connectionNumber += 1
        do throws(SystemError) {
            publisher = try PostgresSession(
                to: address, identity(at: server, "publisher"), isPublisher: true, on: loop
            ) { [weak self] event in
                self?.assumeIsolated { $0.handle(event) }
            }
            listener = try PostgresSession(to: address, identity(at: server, "listener"), on: loop) {
                [weak self] event in
                self?.assumeIsolated { $0.handle(event) }
            }
        } catch {
            closeConnections()
            search.failed("\(error)")
            carryOut(search.next())
        }
    }

    /// - Parameter role: what the session does, for the server's administrator.
    private func identity(at server: PostgresURL.Server, _ role: String) -> PostgresStateMachine.Identity {
        let name = PostgresStatements.sessionName(node, role, prefix: url.prefix)
        return url.database.identity(at: server, settings: [(name: "application_name", value: name)])
    }

    // MARK: Beginning

    /// Publishes the numbers of this host's latest messages again, when both sessions are ready.
    ///
    /// The server may still carry out what an earlier session has sent. If other hosts got that behind what this host
    /// receives on the new one, their order would differ. So this host begins to listen when the others have had the
    /// numbers. They drop what comes late.
    func publishLatestNumbers() {
        guard isPublisherReady, isListenerReady, !mayListen else { return }
        let latest = namespaces.values.sorted { $0.name < $1.name }.compactMap { namespace in
            namespace.numbers.latestBefore(node: node).map { (channel: namespace.channels.own, payload: $0.encoded) }
        }
        guard !latest.isEmpty else { return begin() }
        publisher?.send(PostgresStatements.notify(latest), for: .latestNumbers)
    }

    /// Begins to listen.
    func begin() {
        if let number = namespaces.values.compactMap(\.numbers.latestBefore).max() {
            receive?(.begun(after: UInt64(number)))
        }
        mayListen = true
        unconfirmed = Set(namespaces.keys)
        listenToUnconfirmed()
    }

    // MARK: Ending

    /// The sessions cannot be used any more, or never could.
    func ended(_ reason: String) {
        let (wasConnected, nodes) = (isConnected, namespaces["/"]?.nodes.ids ?? [])
        closeConnections(isGivenUp: true)
        guard wasConnected else {
            search.failed(reason)
            return carryOut(search.next())
        }
        earlierNodes = nodes
        outage.begin(at: loop.now)
        carryOut(search.ended(reason))
    }

    /// Reports why there is no connection, and tries again after a delay.
    private func retryLater(_ reason: String) {
        receive?(.disconnected(reason: reason))
        let delay = backoff.next(random: loop.machine.random(), atMost: outage.retryLimit(at: loop.now))
        loop.startTask {
            await self.loop.pause(for: delay)
            await self.connect()
        }
    }

    /// - Parameter isGivenUp: true to discard what the server has not received. The kernel would otherwise send it to
    ///   the server again, for seconds, and other hosts could get it behind messages of the next connection.
    func closeConnections(isGivenUp: Bool = false) {
        publisher?.close(isGivenUp: isGivenUp)
        listener?.close()
        publisher = nil
        listener = nil
        if isConnected {
            outbox = Outbox()
            for name in namespaces.keys { namespaces[name]?.numbers.connectionEnded(forgetsOthers: true) }
        }
        (isConnected, isAnnounced, isPublisherReady, isListenerReady) = (false, false, false, false)
        (mayListen, isListening, isSignalling, isCleaning, isMakingTable) = (false, false, false, false, false)
        unconfirmed = []
        signals = [:]
        inbox = PostgresInbox()
        returnCheck = ReturnCheck()
        for name in namespaces.keys { namespaces[name]?.connectionEnded() }
        endQuestions()
    }

    /// No answers to this host's questions arrive any more.
    func endQuestions() {
        var unanswered = questions.removeAll()
        for name in namespaces.keys { unanswered += namespaces[name]?.takeEarlyQuestions().map(\.number) ?? [] }
        for number in unanswered.sorted() { receive?(.questionEnded(number, isComplete: false)) }
    }

    // MARK: Listening

    /// Makes the messages of a namespace arrive.
    func listen(to name: String) {
        guard namespaces[name] == nil, !localNamespaces.contains(name) else { return }
        let namespace: PostgresNamespace
        do throws(PostgresChannels.Refusal) {
            namespace = try PostgresNamespace(name, prefix: url.prefix, at: loop.now)
        } catch {
            localNamespaces.insert(name)
            receive?(.problem(reason: "the events of a namespace stay on this host: \(error)"))
            return
        }
        namespaces[name] = namespace
        channels[namespace.channels.all] = name
        channels[namespace.channels.own] = name
        guard mayListen else { return }
        unconfirmed.insert(name)
        listenToUnconfirmed()
    }

    func listenToUnconfirmed() {
        guard let listener, mayListen, !isListening, !unconfirmed.isEmpty else { return }
        let names = unconfirmed.sorted()
        isListening = true
        listener.send(PostgresStatements.script("LISTEN", channelNames(of: names)), for: .listen(names))
    }

    private func channelNames(of names: [String]) -> [String] {
        names.compactMap { namespaces[$0]?.channels }.flatMap { [$0.all, $0.own] }
    }

    func confirmed(_ names: [String]) {
        isListening = false
        unconfirmed.subtract(names)
        guard unconfirmed.isEmpty else { return listenToUnconfirmed() }
        guard isAnnounced else { return announce() }
        for name in names { signal(.initialHeartbeat, in: name) }
        flush()
    }

    /// Ends what is only for namespaces that are not used any more.
    func leave(allBut used: Set<String>) {
        localNamespaces.formIntersection(used)
        guard let listener, isConnected, !isLeaving, unconfirmed.isEmpty, outbox.isEmpty, questions.isEmpty else {
            return
        }
        let unused = namespaces.keys.filter { $0 != "/" && !used.contains($0) }.sorted()
        let names = channelNames(of: unused)
        guard !unused.isEmpty, listener.room > 0 else { return }
        for name in unused {
            signal(.close, in: name)
            for number in namespaces[name]?.takeEarlyQuestions().map(\.number) ?? [] {
                receive?(.questionEnded(number, isComplete: false))
            }
            namespaces[name] = nil
        }
        for name in names { channels[name] = nil }
        listener.send(PostgresStatements.script("UNLISTEN", names), for: .unlisten)
        flush()
    }
}
