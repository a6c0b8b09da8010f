import Actors
import Transport

/// Opening the connections, and opening them again.
extension RedisBackplane {
    enum ConnectionRole {
        case publisher
        case subscriber
        /// Reads the stream.
        case reader
    }

    /// Tries the servers in their order until one accepts both connections.
    func connect() {
        search = ServerSearch(url.servers)
        carryOut(search.next())
    }

    private func carryOut(_ step: ServerSearch<RedisURL.Server>.Step) {
        guard !isClosed, !isLeaving else { return }
        switch step {
        case .connect(let address, _): connect(to: address)
        case .lookUp(let server): loop.startTask { await self.lookUp(server) }
        case .giveUp(let reason): retryLater(reason)
        }
    }

    private func lookUp(_ server: RedisURL.Server) async {
        do {
            search.found(try await url.addresses(behind: server, on: loop))
        } catch {
            search.failed("\(error)")
        }
        carryOut(search.next())
    }

    private func connect(to address: SocketAddress) {
        connectionNumber += 1
        do throws(SystemError) {
            publisher = try open(address, .publisher)
            subscriber = try open(address, .subscriber)
            let reader = stream == nil ? nil : try open(address, .reader)
            stream?.reader = reader
        } catch {
            closeConnections()
            search.failed("\(error)")
            carryOut(search.next())
        }
    }

    private func open(_ address: SocketAddress, _ role: ConnectionRole) throws(SystemError) -> RedisConnection {
        let limits = role == .reader ? StreamCommands.limits : RESPLimits()
        return try RedisConnection(
            to: address, url.identity, limits: limits, isPublisher: role == .publisher, on: loop
        ) { [weak self] event in
            self?.assumeIsolated { $0.handle(event, of: role) }
        }
    }

    // MARK: Beginning

    /// The sessions of all connections have started.
    ///
    /// The server may still read messages from an earlier connection. If other hosts got them behind what this host
    /// receives on the new one, their order would differ. So this host publishes the numbers of its latest messages
    /// again before it subscribes. A host that has had these drops what comes late.
    func sessionsStarted() {
        if stream == nil {
            for name in namespaces.keys.sorted() {
                if let publication = namespaces[name]?.latestBefore(node: node) { latestNumbers.append(publication) }
            }
        }
        publishLatestNumbers()
    }

    private func publishLatestNumbers() {
        guard let publisher else { return }
        while publisher.room > 1, let message = latestNumbers.next() {
            if let command = publisher.send(pubSub.publish(message.payload, in: message.channel)) {
                latestNumbers.sent(message, as: command)
            }
        }
        if latestNumbers.byteCount == 0 { begin() }
    }

    /// Handles the answer to a command before this host subscribes.
    func latestNumberAnswered(_ command: UInt64, _ result: Result<RESPValue, RedisError>) {
        latestNumbers.answered(command)
        if case .failure(let error) = result { ended(RedisPubSub.reason(of: error)) } else { publishLatestNumbers() }
    }

    private func begin() {
        if stream == nil, let number = namespaces.values.compactMap(\.numbers.latestBefore).max() {
            receive?(.begun(after: UInt64(number)))
        }
        isReady = true
        // The subscriptions to namespaces are confirmed after these.
        subscribe(toRooms: rooms.channels)
        subscribe(to: namespaces.values.sorted { $0.name < $1.name })
        beginReading()
    }

    // MARK: Ending

    /// The connections cannot be used any more, or never could.
    func ended(_ reason: String) {
        closeConnections(isGivenUp: true)
        guard isConnected else {
            search.failed(reason)
            return carryOut(search.next())
        }
        isConnected = false
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
        stream?.connectionEnded()
        publisher?.close(isGivenUp: isGivenUp)
        subscriber?.close()
        publisher = nil
        subscriber = nil
        (readyConnections, isReady) = (0, false)
        latestNumbers = Outbox()
        (returnCheck, returnRequest) = (ReturnCheck(), nil)
        unconfirmed = []
        (roomSubscription, confirmedSubscription) = (nil, nil)
        checks = [:]
        hostCounts = [:]
        if isConnected {
            outbox = Outbox()
            for name in namespaces.keys { namespaces[name]?.numbers.connectionEnded(forgetsOthers: stream == nil) }
        }
        endQuestions()
    }

    /// No answers to this host's questions arrive any more.
    func endQuestions() {
        for number in questions.removeAll() { receive?(.questionEnded(number, isComplete: false)) }
    }
}
