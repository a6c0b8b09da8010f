import Cluster
import Persistence
import Synchronization

/// A server of a test: the program's own handlers on the real server, with clients in memory instead of a network.
///
/// All methods may be called from any thread.
public final class TestServer: Sendable {
    /// One worker of the server.
    struct Worker {
        let server: SocketServer
        /// The hub's end of the pipes to the worker; nil without pipes.
        let hubLink: PipeLink?
        /// The descriptor that clients connect to.
        let listener: CInt

        var path: String { server.options.engine.path }
    }

    /// The longest time that a call waits by default: 5 seconds. Waits use the system's clock, which
    /// ``advance(by:timeout:)`` does not change.
    public static let timeout = Duration.seconds(5)

    /// The longest time by which the clock is advanced at once. After a longer gap, a server gives its clients more
    /// time to answer pings.
    private static let step = Duration.milliseconds(250)

    let machine: MemoryMachine
    private let loop: EventLoop
    private let hub: Hub
    private let workers = Mutex<[Worker]>([])
    private let clients = Mutex<[TestClient]>([])

    /// Starts a server.
    /// - Parameter servers: One server for each worker.
    static func start(_ servers: [SocketServer]) async throws -> TestServer {
        for parser in servers.map(\.options.parser) where !(parser is JSONPacketParser) {
            throw TestError.unsupportedParser("\(type(of: parser))")
        }
        let machine = MemoryMachine()
        let loop = try EventLoop.start(name: "socket test", on: machine)
        let epoch = Hub.newEpoch(on: loop)
        let store: (any MessageStore)?
        do {
            store = try servers.first?.database?.openStore(epoch)
        } catch {
            await end(loop, machine)
            throw error
        }
        let options = servers.first?.options
        var recovery = options?.recovery
        if let engine = options?.engine { recovery?.detectionTime = engine.pingInterval + engine.pingTimeout }
        let hub = Hub(loop: loop, store: store, epoch: epoch, recovery: recovery)
        let test = TestServer(hub, on: loop, machine)
        do {
            for server in servers { try await test.start(server, store: store, withPipes: servers.count > 1) }
        } catch {
            await test.close()
            throw error
        }
        await hub.start()
        return test
    }

    private init(_ hub: Hub, on loop: EventLoop, _ machine: MemoryMachine) {
        self.hub = hub
        self.loop = loop
        self.machine = machine
    }

    /// Starts the server of the next worker.
    private func start(_ server: SocketServer, store: (any MessageStore)?, withPipes: Bool) async throws {
        let number = workers.withLock { $0.count }
        let address = try SocketAddress.resolve(host: "127.0.0.1", port: UInt16(clamping: 1 + number))[0]
        let socket = try ListeningSocket(binding: address, on: machine)
        let link = try await TestLink.open(to: hub, store: store, on: loop, withPipes: withPipes)
        do {
            try server.start(on: loop, adapter: link.adapter)
        } catch {
            await link.hubLink?.finish()
            throw error
        }
        workers.withLock {
            $0.append(Worker(server: server, hubLink: link.hubLink, listener: socket.descriptor))
        }
        try await server.listen(on: [socket])
    }

    /// Closes the connections, the servers and the hub, which closes the store.
    func close() async {
        for client in clients.withLock({ $0 }) { client.close() }
        clients.withLock { $0 = [] }
        for worker in workers.withLock({ $0 }) {
            await worker.server.close()
            await worker.hubLink?.finish()
        }
        await hub.close()
        await Self.end(loop, machine)
    }

    private static func end(_ loop: EventLoop, _ machine: MemoryMachine) async {
        await withCheckedContinuation { continuation in
            loop.execute {
                loop.atEnd { continuation.resume() }
                loop.stop()
            }
        }
        machine.end()
    }

    // MARK: Clients

    /// Creates a client, which connects when it joins a namespace.
    /// - Parameters:
    ///   - query: The query of its request, in addition to what every client sends.
    ///   - headers: The headers of its request.
    ///   - worker: The number of the worker that the client connects to, from 0.
    /// - Throws: ``TestError/noSuchWorker(_:)``.
    public func client(
        query: [(name: String, value: String)] = [], headers: [(name: String, value: String)] = [], worker: Int = 0
    ) throws -> TestClient {
        let request = TestClient.Request(query: query, headers: headers)
        let client = TestClient(of: try self.worker(worker), in: self, request)
        clients.withLock { $0.append(client) }
        return client
    }

    /// Connects a new client and joins a namespace.
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - auth: The data for the server's middleware, a JSON object.
    ///   - query: The query of its request, in addition to what every client sends.
    ///   - headers: The headers of its request.
    ///   - worker: The number of the worker that the client connects to, from 0.
    ///   - timeout: The longest time to wait for the server.
    /// - Returns: The client's socket in the namespace.
    /// - Throws: `ConnectError` with the server's message and data if the server refuses; ``TestError`` if it does not
    ///   answer, or refuses the connection.
    @discardableResult
    public func connect(
        _ namespace: String = "/", auth: JSONText? = nil, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], worker: Int = 0, timeout: Duration = TestServer.timeout
    ) async throws -> TestSocket {
        try await client(query: query, headers: headers, worker: worker)
            .connect(namespace, auth: auth, timeout: timeout)
    }

    func worker(_ number: Int) throws(TestError) -> Worker {
        let workers = workers.withLock { $0 }
        guard workers.indices.contains(number) else { throw .noSuchWorker(number) }
        return workers[number]
    }

    /// Sends an HTTP request on a connection of its own.
    /// - Parameters:
    ///   - target: The path and the query.
    ///   - method: The method.
    ///   - headers: The header fields. Without `Host`, the request is for `localhost`.
    ///   - body: The body.
    ///   - worker: The number of the worker, from 0.
    ///   - timeout: The longest time to wait for the response.
    /// - Throws: ``TestError`` if no complete response arrives.
    public func request(
        _ target: String, method: String = "GET", headers: [(name: String, value: String)] = [],
        body: [UInt8] = [], worker: Int = 0, timeout: Duration = TestServer.timeout
    ) async throws -> TestResponse {
        let request = ClientRequest(method, on: machine)
        let bytes = HTTPText.request(method, target, headers: [("Connection", "close")] + headers, body: body)
        return try await request.send(bytes, to: self.worker(worker).listener, timeout: timeout)
    }

    // MARK: Time

    /// Waits until the server has handled everything that was sent to it, its answers have arrived at the clients, and
    /// it has nothing left to do before a timer is due.
    ///
    /// It does not wait for what the program's asynchronous handlers do outside of the server's thread, nor for a
    /// database. Expect their results instead.
    /// - Parameter timeout: The longest time to wait. Clients and handlers that answer each other for ever never end
    ///   the server's work.
    /// - Throws: ``TestError/timedOut(expected:arrived:)``; `CancellationError` if the task is cancelled.
    public func settle(timeout: Duration = TestServer.timeout) async throws {
        try await settle(timeout: timeout) { [] }
    }

    /// - Parameter arrived: Lists for the error what has arrived.
    func settle(timeout: Duration, arrived: @escaping @Sendable () -> [String]) async throws {
        try await machine.awaitIdle(timeout: timeout) {
            TestError.timedOut(expected: "the end of the server's work", arrived: arrived())
        }
    }

    /// Advances the server's clock after everything that was sent to it has been handled, and waits until the server
    /// has done what is due by then. Pings are sent and answered meanwhile, timeouts and the time for connection state
    /// recovery pass.
    /// - Parameters:
    ///   - time: The time by which the clock is advanced.
    ///   - timeout: The longest time to wait for the server, at each quarter of a second of its clock.
    /// - Throws: ``TestError/timedOut(expected:arrived:)`` if the server does not end its work; `CancellationError` if
    ///   the task is cancelled.
    public func advance(by time: Duration, timeout: Duration = TestServer.timeout) async throws {
        try await settle(timeout: timeout)
        var rest = time
        while rest > .zero {
            let step = min(rest, Self.step)
            machine.advance(by: step)
            try await settle(timeout: timeout)
            rest -= step
        }
    }
}
