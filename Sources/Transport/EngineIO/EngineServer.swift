/// Opens Engine.IO sessions and routes requests to them (Engine.IO protocol 4, "Handshake").
///
/// Not thread-safe: an engine server is confined to its loop.
public final class EngineServer: HTTPRequestHandler {
    /// Counters since the start.
    public struct Counters: Sendable {
        /// The number of sessions opened.
        public var opened = 0
        /// The number of sessions ended, by reason.
        public var ended: [EngineCloseReason: Int] = [:]
        /// The number of requests rejected, by error.
        public var refused: [EngineError: Int] = [:]

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
    private let allowRequest: (HTTPRequestHead) -> Bool
    let report: (HTTPReport) -> Void
    var refusedOrigins = LimitedReports()
    private var sessions: [SessionID: EngineSession] = [:]

    /// Makes a server without sessions. It serves requests once it is installed on an HTTP server.
    /// - Parameters:
    ///   - loop: the loop that all sessions run on.
    ///   - options: the options of the sessions.
    ///   - allowRequest: returns true if a request may open a session. Otherwise it is answered with 403.
    ///   - report: receives rejections whose cause an operator can fix. Called on the loop.
    ///   - makeHandler: returns the receiver of a new session's messages.
    public init(
        loop: EventLoop, options: EngineOptions, allowRequest: @escaping (HTTPRequestHead) -> Bool = { _ in true },
        report: @escaping (HTTPReport) -> Void = { _ in },
        makeHandler: @escaping (EngineSession) -> any EngineSessionHandler
    ) {
        self.loop = loop
        self.options = options
        self.allowRequest = allowRequest
        self.report = report
        self.makeHandler = makeHandler
    }

    /// Serves the path in ``options``, and applies the origin policy to all requests below that path.
    public func install(on http: HTTPServer) {
        http.route(options.path, to: self)
        http.addScope(self, below: options.path)
    }

    /// The number of open sessions.
    public private(set) var sessionCount = 0

    /// Ends every session in such a way that its client reconnects, to another server or to this one after a restart.
    public func closeAll(_ reason: EngineCloseReason) {
        for id in sessions.keys.sorted() { sessions[id]?.close(reason, isFinal: false) }
    }

    // MARK: Requests

    public var maxBody: Int? { options.maxPayload }

    public func bodyBegins(_ exchange: HTTPExchange) {
        let head = exchange.request.head
        guard head.method == .post, !Self.isBinary(head), let session = try? verify(exchange).session else { return }
        session.postBegins(exchange)
    }

    public func handle(_ exchange: HTTPExchange) {
        let head = exchange.request.head
        if let answer = preflight(head) { return exchange.respond(answer) }
        do {
            let (session, isUpgrade) = try verify(exchange)
            switch (session, isUpgrade) {
            case (let session?, true): openProbe(exchange, of: session)
            case (let session?, false): try serve(exchange, session)
            case (nil, true): openWebSocket(exchange)
            case (nil, false): openPolling(exchange)
            }
        } catch {
            refuse(exchange, error)
        }
    }

    /// Makes the checks of the official server, in the same order.
    private func verify(_ exchange: HTTPExchange) throws(EngineError) -> (session: EngineSession?, isUpgrade: Bool) {
        let head = exchange.request.head
        let query = head.queryParameters
        let transport = query["transport"]
        guard transport == "polling" || transport == "websocket" else { throw .unknownTransport }
        if let origin = head.headers["origin"], origin.utf8.contains(where: { $0 < 0x20 || $0 > 0x7E }) {
            throw .badRequest
        }
        let session = try query["sid"].map { sid throws(EngineError) in try self.session(sid) }
        guard allowsOrigin(of: head) else { throw .forbidden }
        // Ignore an Upgrade header that does not ask for a WebSocket: proxies and clients offer h2c and other
        // protocols.
        let isUpgrade = (try? WebSocketHandshake(head)) != nil
        if let session {
            guard isUpgrade == (transport == "websocket") else { throw .badRequest }
            return (session, isUpgrade)
        }
        guard head.method == .get else { throw .badHandshakeMethod }
        guard (transport == "websocket") == isUpgrade else { throw .badRequest }
        guard query["EIO"] == "4" else { throw .unsupportedProtocolVersion }
        guard allowRequest(head) else { throw .forbidden }
        return (nil, isUpgrade)
    }

    private func session(_ sid: String) throws(EngineError) -> EngineSession {
        guard let id = SessionID(sid), let session = sessions[id] else { throw .unknownSession }
        return session
    }

    private func serve(_ exchange: HTTPExchange, _ session: EngineSession) throws(EngineError) {
        switch exchange.request.head.method {
        case .get:
            session.poll(exchange, stamp(of: exchange))
        case .post:
            guard !Self.isBinary(exchange.request.head) else { throw .badRequest }
            session.post(exchange)
        default:
            throw .badRequest
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

    private func openPolling(_ exchange: HTTPExchange) {
        let session = makeSession(exchange, isWebSocket: false)
        session.send(openPacket(session, upgrades: "\"websocket\""))
        // Pass no stamp, because this request is never treated as a repeat: a client that sends it again does not know
        // the session id, and gets another session.
        session.poll(exchange, nil)
        handToApplication(session)
    }

    private func openWebSocket(_ exchange: HTTPExchange) {
        guard let webSocket = upgrade(exchange) else { return }
        let session = makeSession(exchange, isWebSocket: true)
        session.webSocket = webSocket
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

    private func makeSession(_ exchange: HTTPExchange, isWebSocket: Bool) -> EngineSession {
        let session = EngineSession(
            id: loop.makeSessionID(), exchange: exchange, isWebSocket: isWebSocket, server: self)
        sessions[session.id] = session
        counters.opened += 1
        sessionCount += 1
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

    func refuse(_ exchange: HTTPExchange?, _ error: EngineError) {
        counters.refused[error, default: 0] += 1
        guard let exchange else { return }
        var response = error.response()
        let head = exchange.request.head
        if error == .badRequest, head.queryParameters["transport"] == "websocket" {
            do throws(WebSocketHandshakeError) {
                _ = try WebSocketHandshake(head)
            } catch {
                response.headers += error.headers
            }
        }
        exchange.respond(response)
    }

    func ended(_ session: EngineSession, _ reason: EngineCloseReason) {
        counters.ended[reason, default: 0] += 1
        sessionCount -= 1
    }

    func forget(_ session: EngineSession) {
        sessions[session.id] = nil
        keptRequestBytes -= session.keptRequestBytes
        session.keptRequestBytes = 0
    }
}

extension Duration {
    /// The duration in milliseconds, rounded towards zero.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
