/// Accepts connections on a loop and hands their requests to whoever serves the path.
///
/// It belongs to its loop: it is made, changed and used there. While it listens, and while connections are open, it
/// stays alive by itself.
public final class HTTPServer {
    /// What has happened since the start.
    public struct Counters: Sendable {
        /// Connections accepted.
        public var connections = 0
        /// Connections closed unseen for want of a descriptor.
        public var connectionsRefused = 0
        /// Requests answered.
        public var responses = 0
        /// Requests refused before a handler saw them: malformed, too large, too slow.
        public var refusals = 0

        public init() {}
    }

    private struct Route {
        let path: String
        let isPrefix: Bool
        let handler: any HTTPRequestHandler
    }

    /// The loop that everything of this server runs on.
    public let loop: EventLoop
    let limits: HTTPLimits
    private let timeouts: HTTPTimeouts
    public internal(set) var counters = Counters()
    private var routes: [Route] = []
    private var rest: (any HTTPRequestHandler)?
    private var listeners: [Listener] = []
    /// By their numbers, which are in the order in which they were accepted.
    private var connections: [Int: HTTPConnection] = [:]
    private(set) var isShuttingDown = false
    private let gauge = ChannelGauge()
    let hosts: HostPolicy
    let report: (HTTPReport) -> Void
    /// Whether every listening socket is one that only programs of this machine reach.
    private(set) var isLoopbackOnly = true
    var scopes: [(path: String, scope: any HTTPScope)] = []
    var refusedHosts = FirstSightings()
    /// What unfinished input may take.
    public let inputBudget: InputBudget

    /// How many connections are open, WebSockets and those that are being closed included.
    public var openConnections: Int { gauge.open }

    /// - Parameters:
    ///   - limits: the bounds on requests.
    ///   - headTimeout: how long a client may take to send a request's head.
    ///   - answerTimeout: how long a client may take for each 16 KiB of an answer.
    ///   - hosts: the names that the server may be asked for under; a request for another one is answered with 403.
    ///   - maxInputMemory: the most bytes that unfinished input of all connections may take. Never less than 11 times the largest
    ///     ``HTTPRequestHandler/maxBody`` of a handler.
    ///   - report: called on the loop.
    public init(
        loop: EventLoop, limits: HTTPLimits, headTimeout: Duration = .seconds(10),
        answerTimeout: Duration = .seconds(60), hosts: HostPolicy = .automatic, maxInputMemory: Int = 64 << 20,
        report: @escaping (HTTPReport) -> Void = { _ in }
    ) {
        inputBudget = InputBudget(loop: loop, limit: maxInputMemory)
        self.loop = loop
        self.hosts = hosts
        self.report = report
        self.limits = limits
        self.timeouts = HTTPTimeouts(
            head: headTimeout, body: loop.limits.requestBody, answer: answerTimeout, idle: loop.limits.idleConnection)
    }

    /// Serves one path, or everything below one that ends in a slash. A route of exactly the requested path counts before
    /// those it is below; among these, the first.
    public func route(_ path: String, to handler: any HTTPRequestHandler) {
        routes.append(Route(path: path, isPrefix: path.hasSuffix("/") && path.count > 1, handler: handler))
        if let maxBody = handler.maxBody { inputBudget.makeRoom(forBodiesOf: maxBody) }
    }

    /// Serves what no route matches. Without it, that is answered with 404.
    public func routeRest(to handler: any HTTPRequestHandler) {
        rest = handler
        if let maxBody = handler.maxBody { inputBudget.makeRoom(forBodiesOf: maxBody) }
    }

    /// Begins to accept connections.
    /// - Throws: ``SystemError`` when the loop cannot watch the socket.
    public func listen(on socket: ListeningSocket) throws(SystemError) {
        listeners.append(
            try Listener(
                socket, loop: loop, gauge: gauge,
                accepted: { [self] channel, peer in accept(channel, from: peer) },
                refused: { [self] in counters.connectionsRefused += 1 }))
        isLoopbackOnly = isLoopbackOnly && socket.address.isLoopback
    }

    private func accept(_ channel: Channel, from peer: String) {
        counters.connections += 1
        let connection = HTTPConnection(
            number: counters.connections, channel: channel, peer: peer, server: self, timeouts: timeouts)
        do {
            try connection.awaitRequest()
            connections[connection.number] = connection
        } catch {
            channel.close()
        }
    }

    func handler(for head: HTTPRequestHead) -> (any HTTPRequestHandler)? {
        let path = head.path
        let route = routes.first { path == $0.path } ?? routes.first { $0.isPrefix && path.hasPrefix($0.path) }
        return route?.handler ?? rest
    }

    func maxBody(of head: HTTPRequestHead) -> Int {
        handler(for: head)?.maxBody ?? limits.maxBody
    }

    func dispatch(_ exchange: HTTPExchange) {
        let head = exchange.request.head
        let handler = handler(for: head)
        if let answer = preemption(of: head, handledBy: handler) { return exchange.respond(answer) }
        guard let handler else {
            return exchange.respond(.text(.notFound, "nothing is here"))
        }
        handler.handle(exchange)
    }

    func forget(_ connection: HTTPConnection) {
        connections[connection.number] = nil
    }

    /// Waits until no connection is open, or until `timeout` has passed.
    public func waitForConnections(timeout: Duration, isolation: isolated (any Actor)? = #isolation) async {
        await withCheckedContinuation { continuation in
            // Not before: the last connection may close while the task changes executors.
            guard openConnections > 0, !loop.hasEnded else { return continuation.resume() }
            ClosingWait(continuation).start(for: gauge, on: loop, timeout: timeout)
        }
    }

    /// Stops accepting. Connections stay until they are answered or closed.
    public func stopAccepting() {
        for listener in listeners { listener.close() }
        listeners = []
    }

    /// Stops accepting and closes connections as soon as they owe no answer.
    public func shutDown() {
        isShuttingDown = true
        stopAccepting()
        for number in connections.keys.sorted() { connections[number]?.shutDown() }
    }
}
