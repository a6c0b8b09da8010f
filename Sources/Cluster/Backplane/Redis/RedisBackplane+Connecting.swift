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
        returnDeadline = nextReturnDeadline
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
        checks = [:]
        unpublished = Queue()
        for number in questions.removeAll() { receive?(.questionEnded(number, isComplete: false)) }
    }
}
