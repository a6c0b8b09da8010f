import Transport

/// A Socket.IO server on one event loop.
///
/// An ``Adapter`` connects the server to the hub that orders its events: a hub in the same process, or one that serves
/// many workers. Namespaces and their handlers may be set up from any thread, preferably before ``listen(on:)``.
public final class Server: Sendable {
    /// The server's gauges and its counters since the start.
    public struct Status: Sendable {
        /// The number of open connections, including those without a session.
        public var connections = 0
        /// The number of open sessions of Socket.IO clients, including those that have not joined a namespace.
        public var sessions = 0
        /// The number of sockets in all namespaces, including those whose registration is pending.
        public var sockets = 0
        public var http = HTTPServer.Counters()
        public var engine = EngineServer.Counters()
        /// The number of connections closed because of an invalid or unexpected packet.
        public var parseErrors = 0
        /// The number of messages that clients sent to the store.
        public var messagesIn = 0
        /// The number of runs of events or messages that were encoded, each once for all its recipients.
        public var deliveryBatches = 0
        /// The number of times that a live client read too slowly and had to catch up again.
        public var slowReaders = 0
        /// The number of pages that sockets read from the store to catch up.
        public var pages = 0
        /// The size of the messages and events in flight to the hub, in bytes.
        public var bytesInFlight = 0
        /// The size of unfinished input in bytes; see ``ServerOptions/maxInputMemory``.
        public var inputBytes = 0
        /// The counters of connections that the input limit affected.
        public var input = InputBudget.Counters()
        /// The size of the headers and `auth` that sockets keep, in bytes.
        public var handshakeBytes = 0
    }

    /// The loop that the server runs on.
    public let loop: EventLoop
    private let worker: Worker
    private let endpoint: Endpoint

    /// Creates a server. It accepts connections after ``listen(on:)``.
    /// - Parameters:
    ///   - loop: The loop that the server runs on. The caller runs the loop.
    ///   - options: The server's options.
    ///   - adapter: The connection to the hub.
    ///   - report: Called with events that concern the operator, on the loop. Only an event with a reserved name is
    ///     reported on the thread that emits it. By default the server writes the reports to standard error, at most
    ///     one line of each kind in ten seconds.
    public init(
        loop: EventLoop, options: ServerOptions = ServerOptions(), adapter: any Adapter,
        report: (@Sendable (ServerReport) -> Void)? = nil
    ) {
        self.loop = loop
        worker = Worker(loop: loop, options: options, adapter: adapter, report: report ?? ReportOutput.standardError)
        endpoint = Endpoint(worker: worker)
    }

    /// The namespace with this name, created at the first call. Clients can join only namespaces that were created.
    /// - Parameter name: `/` or empty for the main namespace. The leading slash of another name is optional.
    public func of(_ name: String) -> Namespace {
        let name = name.hasPrefix("/") ? name : "/" + name
        return worker.namespaces.of(name) { Namespace(name: name, worker: worker) }
    }

    /// Routes a path to an HTTP handler of the application. The path may be below Engine.IO's path.
    /// - Parameters:
    ///   - path: The path to serve.
    ///   - makeHandler: Creates the handler; called on the loop.
    public func route(_ path: String, _ makeHandler: @escaping @Sendable () -> any HTTPRequestHandler) async {
        await endpoint.route(path, makeHandler)
    }

    /// Routes all paths without another route to an HTTP handler of the application.
    /// - Parameter makeHandler: Creates the handler; called on the loop.
    public func routeRest(_ makeHandler: @escaping @Sendable () -> any HTTPRequestHandler) async {
        await endpoint.routeRest(makeHandler)
    }

    /// Serves bare Engine.IO sessions in addition to Socket.IO, under another path.
    /// - Parameters:
    ///   - options: The options of the sessions, including the path.
    ///   - makeHandler: Creates the handler of a new session; called on the loop.
    public func serveEngine(
        _ options: EngineOptions, _ makeHandler: @escaping @Sendable (EngineSession) -> any EngineSessionHandler
    ) async {
        await endpoint.serveEngine(options, makeHandler)
    }

    /// Starts to accept connections.
    /// - Parameter sockets: The listening sockets.
    /// - Throws: ``SystemError`` if the loop cannot watch a socket.
    public func listen(on sockets: [ListeningSocket]) async throws {
        try await endpoint.listen(on: sockets)
    }

    /// Stops accepting connections and closes every connection after sending its pending output. Cancels the tasks of
    /// asynchronous handlers, except those of disconnect handlers, which it starts but does not wait for. The server
    /// cannot be used again.
    /// - Parameter timeout: The maximum time to wait for the connections to close. Cancelling the task does not end the
    ///   wait earlier.
    public func close(timeout: Duration = .seconds(2)) async {
        await endpoint.close(timeout: timeout)
        // Break reference cycles: handlers often retain the server.
        worker.namespaces.removeAll()
    }

    /// The current gauges and counters.
    public var status: Status {
        get async {
            var status = await endpoint.status
            await worker.fill(&status)
            await worker.followers.fill(&status)
            return status
        }
    }
}

/// The HTTP server and the Engine.IO servers, on the worker's loop.
private actor Endpoint {
    private let worker: Worker
    private var startedServers: LoopBound<Servers>?
    /// The Engine.IO servers without Socket.IO.
    private var bareEngines: [LoopBound<EngineServer>] = []

    private struct Servers {
        let http: HTTPServer
        let engine: EngineServer
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { worker.loop.asUnownedSerialExecutor() }

    init(worker: Worker) {
        self.worker = worker
    }

    /// The servers, created on the loop at the first access.
    private var servers: Servers {
        if let startedServers { return startedServers.value }
        var options = worker.options.engine
        if !worker.options.keepsHandshakes { options.keepsRequests = false }
        let report = report
        let http = HTTPServer(
            loop: worker.loop, limits: HTTPLimits(maxBody: options.maxPayload),
            answerTimeout: worker.options.answerTimeout, hosts: worker.options.hosts,
            maxInputMemory: worker.options.maxInputMemory, report: report)
        let worker = worker
        http.inputBudget.onExcess = { [unowned budget = http.inputBudget] in
            worker.report(.inputMemoryExceeded(limit: budget.limit))
        }
        let engine = EngineServer(loop: worker.loop, options: options, report: report) { session in
            let connection = Connection(LoopBound(session, to: worker.loop), worker: worker)
            connection.assumeIsolated { $0.awaitConnect() }
            return connection
        }
        engine.install(on: http)
        worker.adapter.attach(worker)
        worker.loop.atEnd { [weak worker] in worker?.assumeIsolated { $0.loopEnded() } }
        let servers = Servers(http: http, engine: engine)
        startedServers = LoopBound(servers, to: worker.loop)
        return servers
    }

    private var report: (HTTPReport) -> Void {
        { [report = worker.report] in report(.refused($0)) }
    }

    func route(_ path: String, _ makeHandler: @Sendable () -> any HTTPRequestHandler) {
        servers.http.route(path, to: makeHandler())
    }

    func routeRest(_ makeHandler: @Sendable () -> any HTTPRequestHandler) {
        servers.http.routeRest(to: makeHandler())
    }

    func serveEngine(
        _ options: EngineOptions, _ makeHandler: @escaping @Sendable (EngineSession) -> any EngineSessionHandler
    ) {
        let engine = EngineServer(loop: worker.loop, options: options, report: report, makeHandler: makeHandler)
        bareEngines.append(LoopBound(engine, to: worker.loop))
        engine.install(on: servers.http)
    }

    func listen(on sockets: [ListeningSocket]) throws {
        for socket in sockets { try servers.http.listen(on: socket) }
    }

    func close(timeout: Duration) async {
        servers.http.stopAccepting()
        servers.engine.closeAll(.serverShuttingDown)
        for engine in bareEngines { engine.value.closeAll(.serverShuttingDown) }
        await worker.handlerTasks.cancelAll()
        servers.http.shutDown()
        await servers.http.waitForConnections(timeout: timeout)
    }

    var status: Server.Status {
        var status = Server.Status()
        status.connections = servers.http.openConnections
        status.sessions = servers.engine.sessionCount
        status.http = servers.http.counters
        status.engine = servers.engine.counters
        status.inputBytes = servers.http.inputBudget.heldBytes
        status.input = servers.http.inputBudget.counters
        status.handshakeBytes = servers.engine.keptRequestBytes
        return status
    }
}

extension Worker {
    fileprivate func fill(_ status: inout Server.Status) {
        status.sockets = sockets.count
        status.parseErrors = counters.parseErrors
        status.messagesIn = counters.messagesIn
        status.deliveryBatches = counters.deliveryBatches
        status.bytesInFlight = bytesInFlight
        status.handshakeBytes += keptAuthBytes
    }
}

extension MessageFollowers {
    fileprivate func fill(_ status: inout Server.Status) {
        status.deliveryBatches += counters.deliveryBatches
        status.slowReaders = counters.slowReaders
        status.pages = counters.pages
    }
}
