import Transport

/// A Socket.IO server on one event loop.
///
/// It is made with an ``Adapter``, which connects it to the hub that orders its events: one in this process, or one
/// that serves many workers. Namespaces and their handlers may be set up from any thread, best before
/// ``listen(on:)``.
public final class Server: Sendable {
    /// What has happened and what is there.
    public struct Status: Sendable {
        /// Connections open, those without a session included.
        public var connections = 0
        /// Clients connected.
        public var sessions = 0
        /// Sockets connected, in all namespaces.
        public var sockets = 0
        public var http = HTTPServer.Counters()
        public var engine = EngineServer.Counters()
        /// Connections closed for a packet that is none, or out of place.
        public var parseErrors = 0
        /// Messages that clients sent to the store.
        public var messagesIn = 0
        /// Pieces of events and messages encoded, each for all its receivers.
        public var deliveryBatches = 0
        /// How often a client took too little and had to read from the store again.
        public var slowReaders = 0
        /// Pages read from the store.
        public var pages = 0
        /// The bytes of messages and events that were given to the hub and are not answered.
        public var bytesInFlight = 0
        /// The bytes of unfinished input; see ``ServerOptions/maxInputMemory``.
        public var inputBytes = 0
        /// What became of connections because of it.
        public var input = InputBudget.Counters()
        /// The bytes of headers and `auth` that sockets keep.
        public var handshakeBytes = 0
    }

    /// The loop that everything of this server runs on.
    public let loop: EventLoop
    private let worker: Worker
    private let endpoint: Endpoint

    /// - Parameters:
    ///   - loop: the loop to run on. Somebody else runs it.
    ///   - adapter: the way to the hub.
    ///   - report: called with what an operator should know of, mostly on the loop. By itself the server writes it to standard
    ///     error, a line of each kind in ten seconds at most.
    public init(
        loop: EventLoop, options: ServerOptions = ServerOptions(), adapter: any Adapter,
        report: (@Sendable (ServerReport) -> Void)? = nil
    ) {
        self.loop = loop
        worker = Worker(loop: loop, options: options, adapter: adapter, report: report ?? ReportOutput.standardError)
        endpoint = Endpoint(worker: worker)
    }

    /// The namespace of this name, made when it is asked for the first time. Clients can only join namespaces that
    /// were.
    /// - Parameter name: `/` or empty for the main namespace; a slash in front of another name may be left out.
    public func of(_ name: String) -> Namespace {
        let name = name.hasPrefix("/") ? name : "/" + name
        return worker.namespaces.of(name) { Namespace(name: name, worker: worker) }
    }

    /// Serves a path with an HTTP handler of the application's own, also one below the path of Engine.IO.
    /// - Parameter makeHandler: called on the loop.
    public func route(_ path: String, _ makeHandler: @escaping @Sendable () -> any HTTPRequestHandler) async {
        await endpoint.route(path, makeHandler)
    }

    /// Serves what no other route does with an HTTP handler of the application's own.
    /// - Parameter makeHandler: called on the loop.
    public func routeRest(_ makeHandler: @escaping @Sendable () -> any HTTPRequestHandler) async {
        await endpoint.routeRest(makeHandler)
    }

    /// Serves bare Engine.IO sessions beside Socket.IO, under a path of their own.
    public func serveEngine(
        _ options: EngineOptions, _ makeHandler: @escaping @Sendable (EngineSession) -> any EngineSessionHandler
    ) async {
        await endpoint.serveEngine(options, makeHandler)
    }

    /// Begins to accept connections.
    /// - Throws: ``SystemError`` when the loop cannot watch a socket.
    public func listen(on sockets: [ListeningSocket]) async throws {
        try await endpoint.listen(on: sockets)
    }

    /// Stops accepting, ends every connection behind what waits for it, and waits until all are closed or `timeout`
    /// has passed, also in a task that is cancelled. The server cannot be used again.
    public func close(timeout: Duration = .seconds(2)) async {
        await endpoint.close(timeout: timeout)
        // Handlers often keep the server.
        worker.namespaces.removeAll()
    }

    /// What has happened and what is there.
    public var status: Status {
        get async {
            var status = await endpoint.status
            await worker.fill(&status)
            await worker.followers.fill(&status)
            return status
        }
    }
}

/// The server's front: HTTP and Engine.IO on the worker's loop.
private actor Endpoint {
    private let worker: Worker
    private var parts: LoopBound<Parts>?
    /// The bare engines beside Socket.IO's.
    private var bareEngines: [LoopBound<EngineServer>] = []

    private struct Parts {
        let http: HTTPServer
        let engine: EngineServer
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { worker.loop.asUnownedSerialExecutor() }

    init(worker: Worker) {
        self.worker = worker
    }

    /// The front, made on the loop when it is needed for the first time.
    private var front: Parts {
        if let parts { return parts.value }
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
        let made = Parts(http: http, engine: engine)
        parts = LoopBound(made, to: worker.loop)
        return made
    }

    private var report: (HTTPReport) -> Void {
        { [report = worker.report] in report(.refused($0)) }
    }

    func route(_ path: String, _ makeHandler: @Sendable () -> any HTTPRequestHandler) {
        front.http.route(path, to: makeHandler())
    }

    func routeRest(_ makeHandler: @Sendable () -> any HTTPRequestHandler) {
        front.http.routeRest(to: makeHandler())
    }

    func serveEngine(
        _ options: EngineOptions, _ makeHandler: @escaping @Sendable (EngineSession) -> any EngineSessionHandler
    ) {
        let engine = EngineServer(loop: worker.loop, options: options, report: report, makeHandler: makeHandler)
        bareEngines.append(LoopBound(engine, to: worker.loop))
        engine.install(on: front.http)
    }

    func listen(on sockets: [ListeningSocket]) throws {
        for socket in sockets { try front.http.listen(on: socket) }
    }

    func close(timeout: Duration) async {
        front.http.stopAccepting()
        front.engine.closeAll(.serverShuttingDown)
        for engine in bareEngines { engine.value.closeAll(.serverShuttingDown) }
        front.http.shutDown()
        await front.http.waitForConnections(timeout: timeout)
    }

    var status: Server.Status {
        var status = Server.Status()
        status.connections = front.http.openConnections
        status.sessions = front.engine.sessionCount
        status.http = front.http.counters
        status.engine = front.engine.counters
        status.inputBytes = front.http.inputBudget.heldBytes
        status.input = front.http.inputBudget.counters
        status.handshakeBytes = front.engine.keptRequestBytes
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
