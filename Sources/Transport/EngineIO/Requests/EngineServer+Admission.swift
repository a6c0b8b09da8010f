/// The application's hooks.
extension EngineServer {
    /// Runs the middleware for a request, at most once, and then `proceed`, unless the request is refused.
    func admit(_ exchange: HTTPExchange, then proceed: @escaping (HTTPExchange) -> Void) {
        if let admission = exchange.handlerState as? EngineAdmission {
            return admission.whenAdmitted(exchange, proceed)
        }
        let admission = makeAdmission(of: exchange)
        // A POST is admitted when its body begins. Its handling waits for the same admission.
        if exchange.isBodyAwaited { exchange.handlerState = admission }
        admission.whenAdmitted(exchange, proceed)
        admission.run(options.hooks.middleware)
    }

    /// Runs the checks of a request that opens a session, and then `proceed`, unless the request is refused.
    func allow(_ exchange: HTTPExchange, then proceed: @escaping (HTTPExchange) -> Void) {
        let admission = makeAdmission(of: exchange)
        admission.whenAdmitted(exchange, proceed)
        admission.run(options.hooks.allowRequest)
    }

    private func makeAdmission(of exchange: HTTPExchange) -> EngineAdmission {
        admissionCount += 1
        return EngineAdmission(number: admissionCount, exchange, server: self)
    }

    /// Refuses the requests whose checks are running.
    func rejectPendingAdmissions() {
        for number in admissions.keys.sorted() { admissions[number]?.reject(.closing) }
    }

    /// Returns the id of a new session, and sets the header fields of the answer that opens it.
    func prepareSession(_ exchange: HTTPExchange, isWebSocket: Bool) throws -> SessionID {
        let request = EngineRequest(exchange)
        let id = try makeSessionID(for: request)
        if !isWebSocket, let cookie = options.cookie { try exchange.fields.append("Set-Cookie", cookie.header(id)) }
        for setHeaders in options.hooks.initialHeaders { try setHeaders(&exchange.fields, request) }
        try setHeaders(exchange)
        return id
    }

    /// Checks the limits of the client's address.
    /// - Returns: what the address uses; nil if it has no limits.
    func admitAddress(_ exchange: HTTPExchange) throws(EngineRejection) -> AddressUse? {
        guard let http, let use = http.addresses.use(ofPeer: exchange.peer, at: loop.now) else { return nil }
        guard let (limit, delay) = use.admitSession(http.addresses.limits, at: loop.now) else { return use }
        http.reached(limit, by: exchange.peer)
        throw .overLimit(limit, retryAfter: delay)
    }

    private func makeSessionID(for request: EngineRequest) throws -> SessionID {
        guard !isDraining else { throw EngineRejection.closing }
        guard let generateID = options.hooks.generateID else { return newSessionID }
        var id = try generateID(request)
        if let worker = http?.handover?.worker { id = id.moved(to: worker) }
        guard openSession(id) == nil else { throw EngineRejection(.badRequest, .usedSessionID(id)) }
        return id
    }

    private var newSessionID: SessionID {
        guard let worker = http?.handover?.worker else { return loop.makeSessionID() }
        return loop.makeSessionID(on: worker)
    }

    /// Sets the header fields of the answer to an accepted request.
    func setHeaders(_ exchange: HTTPExchange) throws {
        guard !options.hooks.headers.isEmpty else { return }
        let request = EngineRequest(exchange)
        for setHeaders in options.hooks.headers { try setHeaders(&exchange.fields, request) }
    }
}
