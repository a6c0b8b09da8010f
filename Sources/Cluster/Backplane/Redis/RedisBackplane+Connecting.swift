import Actors
import Transport

/// Opening the connections, and opening them again.
extension RedisBackplane {
    func connect() {
        loop.startTask { await self.findServers() }
    }

    /// Looks up the addresses of all servers, and tries them in their order until one accepts both connections.
    private func findServers() async {
        guard !isClosed else { return }
        failures = []
        candidates = []
        for server in url.servers { candidates += await addresses(of: server) }
        tryNext()
    }

    /// Looks the name up on another thread, because that may take long.
    private func addresses(of server: RedisURL.Server) async -> [SocketAddress] {
        do {
            switch server {
            case .socket(let path): return [try SocketAddress(unixPath: path)]
            case .tcp(let host, let port):
                return try await withTaskExecutorPreference(globalConcurrentExecutor) {
                    try await Self.resolve(host, port)
                }
            }
        } catch {
            failures.append("\(error)")
            return []
        }
    }

    private nonisolated static func resolve(_ host: String, _ port: UInt16) async throws -> [SocketAddress] {
        try SocketAddress.resolve(host: host, port: port)
    }

    private func tryNext() {
        guard !isClosed else { return }
        guard !candidates.isEmpty else { return retryLater() }
        let address = candidates.removeFirst()
        connectionNumber += 1
        do throws(SystemError) {
            publisher = try open(address, isPublisher: true)
            subscriber = try open(address, isPublisher: false)
            candidate = address
        } catch {
            closeConnections()
            failures.append("\(address): \(error)")
            tryNext()
        }
    }

    private func open(_ address: SocketAddress, isPublisher: Bool) throws(SystemError) -> RedisConnection {
        try RedisConnection(to: address, url.identity, on: loop) { [weak self] event in
            self?.assumeIsolated { $0.handle(event, ofPublisher: isPublisher) }
        }
    }

    /// The connections cannot be used any more, or never could.
    func ended(_ reason: String) {
        closeConnections()
        let address = candidate.map { "\($0): " } ?? ""
        guard isConnected else {
            failures.append(address + reason)
            return tryNext()
        }
        isConnected = false
        returnDeadline = loop.now + min(patience * Self.returnShare, Self.longestReturn)
        candidates = []
        failures = [address + reason]
        retryLater()
    }

    /// Reports why there is no connection, and tries again after a delay.
    private func retryLater() {
        receive?(.disconnected(reason: failures.joined(separator: "; ")))
        let delay = backoff.next(random: loop.machine.random())
        loop.startTask {
            await self.loop.pause(for: delay)
            await self.findServers()
        }
    }

    func closeConnections() {
        publisher?.close()
        subscriber?.close()
        publisher = nil
        subscriber = nil
        readyConnections = 0
        unconfirmed = []
        nodeCounts = []
        unpublished = Queue()
        for number in questions.removeAll() { receive?(.questionEnded(number, isComplete: false)) }
    }
}

/// The other nodes. After an outage that all of them have noticed, they come back at different times, and what is
/// published before is lost for those that are late.
extension RedisBackplane {
    /// The part of the patience for which a new connection waits for the other nodes.
    private static let returnShare = 0.75
    /// A node may be gone for good, so this is the longest wait.
    private static let longestReturn = Duration.milliseconds(1500)
    /// The time between two questions for their number, while it is awaited and afterwards.
    private static let recountInterval = Duration.milliseconds(50)
    private static let countInterval = Duration.seconds(1)

    /// Waits until as many nodes are back as there were before the outage.
    func awaitOtherNodes() {
        guard nodeCount > 1, let returnDeadline, loop.now < returnDeadline else { return finish() }
        countNodes()
    }

    /// Handles the number of nodes at the server.
    func nodesCounted(_ count: Int) {
        if isConnected {
            nodeCount = count
        } else if count >= nodeCount || returnDeadline.map({ loop.now >= $0 }) ?? true {
            finish()
        } else {
            countNodes(after: Self.recountInterval)
        }
    }

    private func finish() {
        guard !isConnected else { return }
        finishConnecting()
        countRegularly()
    }

    private func countRegularly() {
        countNodes()
        let connection = connectionNumber
        loop.startTask {
            await self.loop.pause(for: Self.countInterval)
            await self.countAgain(connection)
        }
    }

    private func countAgain(_ connection: Int) {
        if isConnected, connection == connectionNumber { countRegularly() }
    }

    private func countNodes(after delay: Duration) {
        loop.startTask {
            await self.loop.pause(for: delay)
            await self.countNodes()
        }
    }

    private func countNodes() {
        guard let publisher, publisher.room > 1, let requests = namespaces["/"]?.channels.requests else { return }
        let command = RedisCommand("PUBSUB", "NUMSUB", values: [Array(requests.utf8)])
        if let number = publisher.send(command) { nodeCounts.insert(number) }
    }
}
