import Transport

/// The HTTP server and the Engine.IO servers, on the worker's loop.
actor Endpoint {
    nonisolated let worker: Worker
    private var startedServers: LoopBound<Servers>?
    /// The Engine.IO servers in addition to the main one.
    private var otherEngines: [LoopBound<EngineServer>] = []
    /// Sends the clients away before the server closes.
    private var draining: LoopBound<Draining>?
    /// The handlers of paths whose methods have functions.
    private var routeHandlers: [String: RouteHandler] = [:]

    private struct Servers {
        let http: HTTPServer
        let engine: EngineServer
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { worker.loop.asUnownedSerialExecutor() }

    init(worker: Worker) {
        self.worker = worker
    }

    /// Runs `work` in this actor's isolation: immediately if the caller is on the loop, otherwise later on the loop, in
    /// the order of the caller's calls.
    nonisolated func run(_ work: @escaping @Sendable (isolated Endpoint) -> Void) {
        if worker.loop.isOnLoop {
            assumeIsolated(work)
        } else {
            worker.loop.execute { self.assumeIsolated(work) }
        }
    }

    /// The servers, created on the loop at the first access.
    private var servers: Servers {
        if let startedServers { return startedServers.value }
        var options = worker.options.engine
        if !worker.options.keepsHandshakes { options.keepsRequests = false }
        let report = report
        let http = HTTPServer(
            loop: worker.loop, limits: HTTPLimits(maxBody: options.maxPayload),
            answerTimeout: worker.options.answerTimeout, keepAlive: worker.options.keepAlive,
            hosts: worker.options.hosts, proxies: worker.options.trustedProxies,
            maxConnections: worker.options.maxConnections, addressLimits: worker.options.addressLimits,
            maxInputMemory: worker.options.maxInputMemory, report: report)
        http.access = worker.options.accessLog
        let worker = worker
        if worker.hasSharedLimits {
            http.used = { [unowned worker] isUrgent in worker.assumeIsolated { $0.noteUse(isUrgent: isUrgent) } }
            let reference = LoopBound(HTTPServerReference(server: http), to: worker.loop)
            worker.assumeIsolated { $0.useReports.server = reference }
        }
        http.inputBudget.onExcess = { [unowned budget = http.inputBudget] in
            worker.report(.inputMemoryExceeded(limit: budget.limit))
        }
        let engine = EngineServer(loop: worker.loop, options: options, report: report) { worker.connect($0) }
        engine.install(on: http)
        worker.adapter.attach(worker)
        worker.assumeIsolated { $0.openNamespaces() }
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

    func addRoute(_ method: HTTPMethod, _ path: String, _ function: RouteHandler.Function) {
        let handler: RouteHandler
        if let existing = routeHandlers[path] {
            handler = existing
        } else {
            handler = RouteHandler(path: path, worker: worker)
            routeHandlers[path] = handler
            servers.http.route(path, to: handler)
        }
        handler.set(function, for: method)
    }

    func adopt(_ socket: AdoptedSocket) {
        servers.http.adopt(socket)
    }

    func routeRest(_ makeHandler: @Sendable () -> any HTTPRequestHandler) {
        servers.http.routeRest(to: makeHandler())
    }

    /// - Parameter makeHandler: Creates the handler of a new session; nil to serve Socket.IO.
    func serveEngine(
        _ options: EngineOptions, makeHandler: (@Sendable (EngineSession) -> any EngineSessionHandler)?
    ) {
        let worker = worker
        var options = options
        if makeHandler == nil, !worker.options.keepsHandshakes { options.keepsRequests = false }
        let engine = EngineServer(
            loop: worker.loop, options: options, report: report, makeHandler: makeHandler ?? { worker.connect($0) })
        otherEngines.append(LoopBound(engine, to: worker.loop))
        engine.install(on: servers.http)
    }

    func share(_ handover: LoopBound<any ConnectionHandover>) {
        servers.http.handover = handover.value
    }

    func listen(on sockets: [ListeningSocket]) throws {
        // The first access attaches the worker to the hub, also without sockets.
        let http = servers.http
        for socket in sockets { try http.listen(on: socket) }
    }

    /// Stops accepting connections, and sends the clients away.
    func drain(_ plan: DrainPlan) async {
        servers.http.stopAccepting()
        servers.http.isDraining = true
        let engines = [servers.engine] + otherEngines.map(\.value)
        let draining = Draining(engines.flatMap { $0.beginDraining() }, plan, on: worker.loop)
        self.draining = LoopBound(draining, to: worker.loop)
        await draining.run()
        self.draining = nil
    }

    /// Ends the wait of ``drain(_:)``.
    func endDrain() {
        draining?.value.end()
    }

    func close(timeout: Duration) async {
        servers.http.stopAccepting()
        servers.engine.closeAll(.serverShuttingDown)
        for engine in otherEngines { engine.value.closeAll(.serverShuttingDown) }
        await worker.handlerTasks.cancelAll()
        servers.http.shutDown()
        let deadline = worker.loop.now + timeout
        await servers.http.waitForConnections(timeout: timeout)
        await worker.handlerTasks.waitForAll(timeout: deadline - worker.loop.now)
        await worker.close()
    }

    var clientsCount: Int { servers.engine.sessionCount }

    var status: SocketServer.Status {
        var status = SocketServer.Status()
        status.connections = servers.http.openConnections
        status.sessions = servers.engine.sessionCount
        status.http = servers.http.counters
        status.receivedBytes = servers.http.receivedBytes
        status.sentBytes = servers.http.sentBytes
        status.engine = servers.engine.counters
        status.inputBytes = servers.http.inputBudget.heldBytes
        status.input = servers.http.inputBudget.counters
        status.handshakeBytes = servers.engine.keptRequestBytes
        return status
    }
}
