/// The checks of a request before it reaches a session.
extension EngineServer {
    /// Makes the checks of the official server, in the same order.
    func verify(_ exchange: HTTPExchange) throws(EngineRejection) -> (session: EngineSession?, isUpgrade: Bool) {
        let head = exchange.request.head
        let query = head.queryParameters
        let name = query["transport"]
        guard let transport = name.flatMap(EngineTransport.init), options.transports.contains(transport) else {
            throw EngineRejection(.unknownTransport, .transport(name.map(LimitedReports.logSafe)))
        }
        if let origin = head.headers["origin"], origin.utf8.contains(where: { $0 < 0x20 || $0 > 0x7E }) {
            throw EngineRejection(.badRequest, .invalidOrigin)
        }
        let session = try query["sid"].map { sid throws(EngineRejection) in try self.session(sid) }
        guard allowsOrigin(of: head) else {
            throw EngineRejection(.forbidden, .origin(LimitedReports.logSafe(head.headers["origin"] ?? "")))
        }
        // Ignore an Upgrade header that does not ask for a WebSocket: proxies and clients offer h2c and other
        // protocols.
        let isUpgrade = (try? WebSocketHandshake(head)) != nil
        if let session {
            guard isUpgrade == (transport == .webSocket), options.allowsUpgrades || !isUpgrade else {
                throw EngineRejection(.badRequest, .transportMismatch)
            }
            return (session, isUpgrade)
        }
        guard head.method == .get else {
            throw EngineRejection(.badHandshakeMethod, .method(LimitedReports.logSafe(head.method.rawValue)))
        }
        guard (transport == .webSocket) == isUpgrade else { throw EngineRejection(.badRequest, .webSocketHandshake) }
        let version = query["EIO"]
        guard version == "4" else {
            throw EngineRejection(.unsupportedProtocolVersion, .protocolVersion(version.map(LimitedReports.logSafe)))
        }
        return (nil, isUpgrade)
    }

    private func session(_ sid: String) throws(EngineRejection) -> EngineSession {
        guard let id = SessionID(sid), let session = openSession(id) else {
            throw EngineRejection(.unknownSession, .sessionID(LimitedReports.logSafe(sid)))
        }
        return session
    }

    /// Refuses and reports a request that has not reached a session.
    func refuse(_ exchange: HTTPExchange, _ rejection: EngineRejection) {
        report(
            .engineRefused(
                RefusedEngineRequest(
                    error: rejection.error, message: rejection.message ?? rejection.error.description,
                    request: EngineRequest(exchange), context: rejection.context)))
        let onAbandoned = exchange.onAbandoned
        if rejection.isCounted { counters.refused[rejection.error, default: 0] += 1 }
        answer(exchange, rejection.error, rejection.response, message: rejection.message)
        // A session that has seen the beginning of a POST expects its end.
        onAbandoned?()
    }

    /// Refuses a request.
    /// - Parameters:
    ///   - exchange: the request; nil if its client has disconnected.
    ///   - error: the error to count.
    func refuse(_ exchange: HTTPExchange?, _ error: EngineError) {
        counters.refused[error, default: 0] += 1
        if let exchange { answer(exchange, error) }
    }

    /// - Parameters:
    ///   - response: the answer; nil for the JSON text of the error.
    ///   - message: the message in that text; nil for the error's own.
    private func answer(
        _ exchange: HTTPExchange, _ error: EngineError, _ response: HTTPResponse? = nil, message: String? = nil
    ) {
        var response = response ?? error.response(message: message)
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
}
