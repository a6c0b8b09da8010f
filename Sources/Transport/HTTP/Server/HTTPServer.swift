/// Accepts connections on a loop and routes their requests to handlers by path.
///
/// It must be created and used on its loop. Its listeners and open connections retain it.
public final class HTTPServer {
    /// Counters since the start.
    public struct Counters: Sendable {
        /// Connections accepted.
        public var connections = 0
        /// Connections closed at once because no descriptor was left.
        public var connectionsRefused = 0
        /// Connections and sessions refused because of a limit, by the limit.
        public var limited: [ReachedLimit: Int] = [:]
        /// Requests answered.
        public var responses = 0
        /// Requests that the server refused itself: malformed, too large, too slow, over the input budget, or for a
        /// host that it does not serve.
        public var refusals = 0
        /// Those among them for a host that the server does not serve.
        package var hostRefusals = 0
        /// The others by the code of their status.
        package var refusalsByStatus: [Int: Int] = [:]
        /// Responses by the class of their status: informational, successful, redirection, client error, server error.
        package var responsesByClass = [0, 0, 0, 0, 0]
        /// Connections passed on to another worker, because their next request belongs to it.
        public var passedOn = 0
        /// Connections that another worker has passed on to this server.
        public var takenOver = 0

        /// Creates counters that are zero.
        public init() {}

        mutating func countResponse(_ status: HTTPStatus) {
            responsesByClass[status.code / 100 - 1] += 1
        }

        mutating func countRefusal(_ status: HTTPStatus) {
            refusals += 1
            refusalsByStatus[status.code, default: 0] += 1
            countResponse(status)
        }
    }

    private struct Route {
        let path: String
        let isPrefix: Bool
        let handler: any HTTPRequestHandler
    }

    /// The loop that the server and its connections run on.
    public let loop: EventLoop
    let limits: HTTPLimits
    private let timeouts: HTTPTimeouts
    /// The counters of this server.
    public internal(set) var counters = Counters()
    private var routes: [Route] = []
    private var rest: (any HTTPRequestHandler)?
    private var listeners: [Listener] = []
    /// The open connections by number. Numbers are assigned in the order of accepting.
    private var connections: [Int: HTTPConnection] = [:]
    private(set) var isShuttingDown = false
    /// True if the server sends its clients away. A connection closes after a refusal, so that the client's next
    /// request reaches another server or this one's successor.
    package var isDraining = false
    /// Decides whether the peer of an accepted descriptor may connect; nil to let every peer in. The others get
    /// 403.
    package var mayConnect: ((_ descriptor: CInt) -> Bool)?
    let openChannels: OpenCount
    /// The most connections that may be open. Further ones are refused.
    let maxConnections: Int
    /// The open connections of the other workers of the server.
    package var connectionsElsewhere = 0
    /// Called on the loop for each new connection, and with true if the other workers should soon know what the clients
    /// of an address use; nil to do nothing.
    package var used: ((_ isUrgent: Bool) -> Void)?
    let addresses: AddressTable
    /// Answers connections over a limit.
    private(set) lazy var refusal = ConnectionRefusal(on: loop)
    var limitReports = ReportRate()
    let hosts: HostPolicy
    /// Returns the host names that the server answers to, for each request; nil if they never change. Called on the
    /// loop.
    package var changingHosts: (() -> HostPolicy)?
    let proxies: TrustedProxies
    var untrustedProxies = UntrustedProxies()
    let report: (HTTPReport) -> Void
    private var reach = ServerReach()
    var scopes: [(path: String, scope: any HTTPScope)] = []
    var refusedHosts = LimitedReports()
    /// Passes connections to the other workers that share the listening sockets; nil if there are none.
    package var handover: (any ConnectionHandover)? {
        didSet { handover?.receiver = { [weak self] in self?.takeOver($0) } }
    }
    /// Called on the loop for each request and WebSocket; nil without an access log. Must be set before the server
    /// listens.
    package var access: ((HTTPAccess) -> Void)?
    /// The budget for unfinished input.
    public let inputBudget: InputBudget

    /// The number of open connections, including WebSockets and connections that are closing.
    public var openConnections: Int { openChannels.open }
    /// The number of connections that count for the limits: the open ones, and those whose peers have ended without
    /// receiving everything.
    package var heldConnections: Int { openChannels.held }

    /// The bytes received on all connections.
    package var receivedBytes: Int { openChannels.receivedBytes }

    /// The bytes that the kernel has accepted on all connections.
    package var sentBytes: Int { openChannels.sentBytes }

    /// True if a foreign page could reach the server only through its own domain.
    var isLoopbackOnly: Bool { reach.isLoopbackOnly }

    /// Makes a server without routes and sockets.
    /// - Parameters:
    ///   - loop: the loop that the server runs on.
    ///   - limits: the limits of requests.
    ///   - headTimeout: the time in which a client must send a request's head.
    ///   - answerTimeout: the time in which a client must receive each 16 KiB of an answer.
    ///   - keepAlive: the time that a connection may be idle between requests.
    ///   - hosts: the host names that the server answers to. A request for another one is answered with 403.
    ///   - proxies: the peers whose information about clients is believed.
    ///   - maxConnections: the most open connections; nil for as many as there are descriptors. Further ones are
    ///     answered with 503.
    ///   - addressLimits: the limits of each address.
    ///   - maxInputMemory: the most bytes that unfinished input of all connections may take. Raised to at least 11
    ///     times the largest ``HTTPRequestHandler/maxBody`` of a handler.
    ///   - report: receives rejections whose cause an operator can fix. Called on the loop.
    public init(
        loop: EventLoop, limits: HTTPLimits, headTimeout: Duration = .seconds(10),
        answerTimeout: Duration = .seconds(60), keepAlive: Duration = .seconds(75), hosts: HostPolicy = .automatic,
        proxies: TrustedProxies = .none, maxConnections: Int? = nil, addressLimits: AddressLimits = .none,
        maxInputMemory: Int = 64 << 20,
        report: @escaping (HTTPReport) -> Void = { _ in }
    ) {
        inputBudget = InputBudget(loop: loop, limit: maxInputMemory)
        self.loop = loop
        self.hosts = hosts
        self.proxies = proxies
        self.report = report
        self.limits = limits
        let openChannels = OpenCount()
        self.openChannels = openChannels
        self.maxConnections = maxConnections ?? .max
        addresses = AddressTable(addressLimits, except: proxies, in: openChannels)
        self.timeouts = HTTPTimeouts(
            head: headTimeout, body: loop.limits.requestBody, answer: answerTimeout, idle: keepAlive)
    }

    /// Routes a path to `handler`. A path that ends in a slash, except `/` itself, includes everything below it. A
    /// route for exactly the requested path has precedence; among the others, the first match is used.
    public func route(_ path: String, to handler: any HTTPRequestHandler) {
        routes.append(Route(path: path, isPrefix: path.hasSuffix("/") && path.count > 1, handler: handler))
        if let maxBody = handler.maxBody { inputBudget.raiseLimit(forBodiesOf: maxBody) }
    }

    /// Routes requests that match no route to `handler`. Without such a handler they are answered with 404.
    public func routeRest(to handler: any HTTPRequestHandler) {
        rest = handler
        if let maxBody = handler.maxBody { inputBudget.raiseLimit(forBodiesOf: maxBody) }
    }

    /// Begins to accept connections.
    /// - Throws: ``SystemError`` if the loop cannot watch the socket.
    public func listen(on socket: ListeningSocket) throws(SystemError) {
        listeners.append(
            try Listener(
                socket, loop: loop, batch: handover == nil ? Listener.batch : Listener.sharedBatch,
                accepted: { [self] in acceptWithinLimits($0, from: $1) },
                refused: { [self] in counters.connectionsRefused += 1 }))
        reach.add(socket.address)
    }

    /// Serves a connection that other code has accepted. Closes it if the server is shutting down.
    package func adopt(_ socket: AdoptedSocket) {
        guard !isShuttingDown, let descriptor = socket.take() else { return }
        reach.addConnection(isLoopback: socket.isLoopback)
        let channel = Channel(accepted: descriptor, loop: loop, openChannels: count(ofPeer: socket.peer))
        let received = socket.received
        let peer = HTTPPeer(address: socket.peer, proxies: proxies, isNew: false)
        guard let connection = accept(channel, from: peer), !received.isEmpty else { return }
        connection.channelRead(received.span.bytes)
    }

    @discardableResult
    func accept(_ channel: Channel, from peer: HTTPPeer, isPassedOn: Bool = false) -> HTTPConnection? {
        counters.connections += 1
        used?(false)
        let connection = HTTPConnection(
            number: counters.connections, channel: channel, peer: peer, server: self, timeouts: timeouts,
            isPassedOn: isPassedOn)
        do {
            try connection.awaitRequest()
            connections[connection.number] = connection
            return connection
        } catch {
            channel.close()
            return nil
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
        await openChannels.waitUntilEmpty(on: loop, timeout: timeout)
    }

    /// Stops accepting connections. Open connections continue.
    public func stopAccepting() {
        for listener in listeners { listener.close() }
        listeners = []
    }

    /// Stops accepting, and closes each connection as soon as it has no pending answer.
    public func shutDown() {
        isShuttingDown = true
        stopAccepting()
        for number in connections.keys.sorted() { connections[number]?.shutDown() }
    }
}
