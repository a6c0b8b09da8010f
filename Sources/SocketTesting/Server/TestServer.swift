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

    /// The longest time that a call waits by default: 5 seconds. Waits use the system's clock, which ``advance(by:)``
    /// does not change.
    public static let timeout = Duration.seconds(5)

    /// The longest time by which the clock is advanced at once. After a longer gap, a server gives its clients more
    /// time to answer pings.
    private static let step = Duration.milliseconds(250)

    let machine: MemoryMachine
    private let loop: EventLoop
    private let hub: Hub
    private let workers: [Worker]
    private let clients = Mutex<[TestClient]>([])

    /// Starts a server.
    /// - Parameter servers: One server for each worker.
    static func start(_ servers: [SocketServer]) async throws -> TestServer {
        let machine = MemoryMachine()
        let loop = try EventLoop.start(name: "socket test", on: machine)
        do {
            return try await TestServer(servers, on: loop, machine)
        } catch {
            await end(loop, machine)
            throw error
        }
    }

    private init(_ servers: [SocketServer], on loop: EventLoop, _ machine: MemoryMachine) async throws {
        self.loop = loop
        self.machine = machine
        let epoch = Hub.newEpoch(on: loop)
        let store = try servers.first?.database?.openStore(epoch)
        var recovery = servers.first?.options.recovery
        if let engine = servers.first?.options.engine {
            recovery?.detectionTime = engine.pingInterval + engine.pingTimeout
        }
        hub = Hub(loop: loop, store: store, epoch: epoch, recovery: recovery)
        var workers: [Worker] = []
        for (number, server) in servers.enumerated() {
            let link = try await TestLink.open(to: hub, store: store, on: loop, withPipes: servers.count > 1)
            try server.start(on: loop, adapter: link.adapter)
            let address = try SocketAddress.resolve(host: "127.0.0.1", port: UInt16(clamping: 1 + number))[0]
            let socket = try ListeningSocket(binding: address, on: machine)
            try await server.listen(on: [socket])
            workers.append(Worker(server: server, hubLink: link.hubLink, listener: socket.descriptor))
        }
        self.workers = workers
        await hub.start()
    }

    /// Closes the connections, the servers and the hub.
    func close() async {
        for client in clients.withLock({ $0 }) { client.close() }
        clients.withLock { $0 = [] }
        for worker in workers {
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

    private func worker(_ number: Int) throws(TestError) -> Worker {
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
        let request = ClientRequest(on: machine)
        let bytes = HTTPText.request(method, target, headers: [("Connection", "close")] + headers, body: body)
        return try await request.send(bytes, to: self.worker(worker).listener, timeout: timeout)
    }

    // MARK: Time

    /// Waits until the server has handled everything that was sent to it, its answers have arrived at the clients, and
    /// it has nothing left to do before a timer is due.
    ///
    /// It does not wait for what the program's asynchronous handlers do outside of the server's thread, nor for a
    /// database. Expect their results instead.
    public func settle() async {
        await withCheckedContinuation { machine.awaitIdle($0) }
    }

    /// Advances the server's clock, and waits until the server has done what is due by then. Pings are sent and
    /// answered meanwhile, timeouts and the time for connection state recovery pass.
    /// - Parameter time: The time by which the clock is advanced.
    public func advance(by time: Duration) async {
        var rest = time
        while rest > .zero {
            let step = min(rest, Self.step)
            machine.advance(by: step)
            await settle()
            rest -= step
        }
    }
}
