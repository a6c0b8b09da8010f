/// Opens Engine.IO sessions and routes requests to them (Engine.IO protocol 4, "Handshake").
///
/// Not thread-safe: an engine server is confined to its loop.
public final class EngineServer: HTTPRequestHandler {
    /// Counters since the start.
    public struct Counters: Sendable {
        /// The number of sessions opened.
        public var opened = 0
        /// The number of sessions that changed from polling to a WebSocket.
        package var upgrades = 0
        /// The number of open sessions whose transport is a WebSocket.
        package var webSockets = 0
        /// The number of messages that clients sent to their sessions.
        package var messages = 0
        /// The number of sessions ended, by reason.
        public var ended: [EngineCloseReason: Int] = [:]
        /// The number of requests rejected, by error.
        public var refused: [EngineError: Int] = [:]
        /// The number of WebSockets ended because of a message over ``EngineOptions/maxPayload``.
        package var tooLargeMessages = 0
        /// The number of sessions ended because more than ``EngineOptions/maxPending`` waited for the client.
        package var overflows = 0

        /// Creates counters that are zero.
        public init() {}
    }

    /// The loop that all sessions run on.
    public let loop: EventLoop
    /// The options of the sessions.
    public let options: EngineOptions
    /// The counters of this server.
    public internal(set) var counters = Counters()
    /// The size in bytes of the requests that open sessions keep.
    public private(set) var keptRequestBytes = 0
    private let makeHandler: (EngineSession) -> any EngineSessionHandler
    let report: (HTTPReport) -> Void
    var refusedOrigins = LimitedReports()
    /// The server that this one is installed on.
    weak var http: HTTPServer?
    /// True if no more sessions are opened, because the server is about to end.
    var isDraining = false
    private(set) var sessions: [SessionID: EngineSession] = [:]
    /// The requests whose asynchronous checks are running, by number.
    var admissions: [Int: EngineAdmission] = [:]
    var admissionCount = 0

    /// Makes a server without sessions. It serves requests once it is installed on an HTTP server.
    /// - Parameters:
    ///   - loop: the loop that all sessions run on.
    ///   - options: the options of the sessions.
    ///   - report: receives rejections. Called on the loop.
    ///   - makeHandler: returns the receiver of a new session's messages.
    public init(
        loop: EventLoop, options: EngineOptions, report: @escaping (HTTPReport) -> Void = { _ in },
        makeHandler: @escaping (EngineSession) -> any EngineSessionHandler
    ) {
        self.loop = loop
        self.options = options
        self.report = report
        self.makeHandler = makeHandler
    }

    /// Serves the path in ``options``, and applies the origin policy to all requests below that path.
    public func install(on http: HTTPServer) {
        self.http = http
        let path = options.path
        for path in options.addsTrailingSlash || path == "/" ? [path] : [path, String(path.dropLast())] {
            http.route(path, to: self)
            http.addScope(self, below: path)
        }
    }

    /// The number of open sessions.
    public private(set) var sessionCount = 0

    /// Opens no more sessions, because the server is about to end.
    /// - Returns: the open sessions, in the order of their ids, which is random.
    package func beginDraining() -> [EngineSession] {
        isDraining = true
        return sessions.keys.sorted().compactMap { sessions[$0] }
    }

    /// Ends every session in such a way that its client reconnects, to another server or to this one after a restart.
    /// Opens no more sessions.
    public func closeAll(_ reason: EngineCloseReason) {
        isDraining = true
        rejectPendingAdmissions()
        for id in sessions.keys.sorted() { sessions[id]?.close(reason, isFinal: false) }
    }

    // MARK: Requests

    public var maxBody: Int? { options.maxPayload }

    public func bodyBegins(_ exchange: HTTPExchange) {
        guard exchange.request.head.method == .post, !Self.isBinary(exchange.request.head) else { return }
        guard !options.hooks.middleware.isEmpty else { return postBegins(exchange) }
        admit(exchange) { [weak self] in self?.postBegins($0) }
    }

    private func postBegins(_ exchange: HTTPExchange) {
        guard let session = try? verify(exchange).session else { return }
        session.postBegins(exchange)
    }

    public func handle(_ exchange: HTTPExchange) {
        if let answer = preflight(exchange.request.head) { return exchange.respond(answer) }
        guard !options.hooks.middleware.isEmpty else { return route(exchange) }
        admit(exchange) { [weak self] in self?.route($0) }
    }

    /// Passes a request to its session, or opens a session.
    private func route(_ exchange: HTTPExchange) {
        do {
            let (session, isUpgrade) = try verify(exchange)
            guard let session else {
                guard !options.hooks.allowRequest.isEmpty else { return open(exchange, isUpgrade: isUpgrade) }
                return allow(exchange) { [weak self] in self?.open($0, isUpgrade: isUpgrade) }
            }
            exchange.attribute(to: session)
            try setHeaders(exchange)
            if isUpgrade { openProbe(exchange, of: session) } else { try serve(exchange, session) }
        } catch {
            refuse(exchange, EngineRejection(thrown: error))
        }
    }

    func openSession(_ id: SessionID) -> EngineSession? { sessions[id] }

    private func serve(_ exchange: HTTPExchange, _ session: EngineSession) throws(EngineRejection) {
        switch exchange.request.head.method {
        case .get:
            session.poll(exchange, stamp(of: exchange))
        case .post where !Self.isBinary(exchange.request.head):
            session.post(exchange)
        default:
            throw EngineRejection(.badRequest, .unsupportedRequest)
        }
    }

    func stamp(of exchange: HTTPExchange) -> RequestStamp? {
        RequestStamp(exchange.request.head, now: loop.machine.wallClock)
    }

    /// True if the body has the binary format of Engine.IO 3.
    private static func isBinary(_ head: HTTPRequestHead) -> Bool {
        head.headers["content-type"] == "application/octet-stream"
    }

    // MARK: Opening

    private func open(_ exchange: HTTPExchange, isUpgrade: Bool) {
        do {
            let address = try admitAddress(exchange)
            let id = try prepareSession(exchange, isWebSocket: isUpgrade)
            if isUpgrade { openWebSocket(exchange, id, of: address) } else { openPolling(exchange, id, of: address) }
        } catch {
            refuse(exchange, EngineRejection(thrown: error))
        }
    }

    private func openPolling(_ exchange: HTTPExchange, _ id: SessionID, of address: AddressUse?) {
        let session = makeSession(id, exchange, of: address, isWebSocket: false)
        let mayUpgrade = options.allowsUpgrades && options.transports == .all
        session.send(openPacket(session, upgrades: mayUpgrade ? "\"websocket\"" : ""))
        // Pass no stamp, because this request is never treated as a repeat: a client that sends it again does not know
        // the session id, and gets another session.
        session.poll(exchange, nil)
        handToApplication(session)
    }

    private func openWebSocket(_ exchange: HTTPExchange, _ id: SessionID, of address: AddressUse?) {
        guard let webSocket = upgrade(exchange) else { return }
        let session = makeSession(id, exchange, of: address, isWebSocket: true)
        session.webSocket = webSocket
        webSocket.access?.owner = session
        session.send(openPacket(session, upgrades: ""))
        handToApplication(session)
        webSocket.deliverMessages(to: session)
    }

    private func openProbe(_ exchange: HTTPExchange, of session: EngineSession) {
        guard let webSocket = upgrade(exchange), session.admitProbe(webSocket) else { return }
        webSocket.deliverMessages(to: session)
    }

    private func upgrade(_ exchange: HTTPExchange) -> WebSocketConnection? {
        exchange.upgrade(maxMessageSize: options.maxPayload, maxPending: options.maxPending)
    }

    private func handToApplication(_ session: EngineSession) {
        session.open(for: makeHandler(session))
        if !options.keepsRequests { session.reduceRequest() }
        guard sessions[session.id] != nil else { return }
        session.keptRequestBytes = session.request.byteCount
        keptRequestBytes += session.keptRequestBytes
    }

    private func makeSession(
        _ id: SessionID, _ exchange: HTTPExchange, of address: AddressUse?, isWebSocket: Bool
    ) -> EngineSession {
        let session = EngineSession(id: id, exchange: exchange, isWebSocket: isWebSocket, server: self)
        session.address = address
        address?.sessions += 1
        http?.noteUse(address)
        sessions[id] = session
        counters.opened += 1
        if isWebSocket { counters.webSockets += 1 }
        sessionCount += 1
        http?.handover?.count(sessions: 1)
        return session
    }

    private func openPacket(_ session: EngineSession, upgrades: String) -> Frames {
        Frames(
            text: "0{\"sid\":\"\(session.id)\",\"upgrades\":[\(upgrades)],"
                + "\"pingInterval\":\(options.pingInterval.wholeMilliseconds),"
                + "\"pingTimeout\":\(options.pingTimeout.wholeMilliseconds),\"maxPayload\":\(options.maxPayload)}")
    }

    // MARK: Responses and ends

    func response(_ status: HTTPStatus, _ contentType: String, _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("Content-Type", contentType), ("Cache-Control", "no-store")], body: body)
    }

    func ended(_ session: EngineSession, _ reason: EngineCloseReason) {
        counters.ended[reason, default: 0] += 1
        if session.transport == .webSocket { counters.webSockets -= 1 }
        sessionCount -= 1
        session.address?.sessions -= 1
        session.address = nil
        http?.handover?.count(sessions: -1)
    }

    /// Counts the change of an open session to a WebSocket.
    func upgraded() {
        counters.upgrades += 1
        counters.webSockets += 1
    }

    func forget(_ session: EngineSession) {
        sessions[session.id] = nil
        keptRequestBytes -= session.keptRequestBytes
        session.keptRequestBytes = 0
    }
}

extension Duration {
    /// The duration in milliseconds, rounded towards zero. A division of durations is not exact, and may be too small
    /// by one.
    package var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
