/// Hooks for requests. All run on the server's loop: a synchronous hook must not block, and code that an asynchronous
/// hook awaits runs on the loop too, unless it has an executor of its own.
///
/// The order for a request is: middleware, the server's own checks, and for a request that opens a session
/// `allowRequest`, `generateID` and the functions of `onInitialHeaders`; then the functions of `onHeaders`. A hook
/// refuses the request with ``EngineRefusal``; any other error is reported and answered with 400. CORS preflight
/// requests reach no hook.
extension EngineOptions {
    /// Adds middleware for every request to the server's path, also for WebSocket handshakes (`engine.use`).
    ///
    /// Express middleware becomes a check of ``EngineRequest/head``: `res.setHeader` is
    /// ``EngineRequest/responseHeaders``, `res.end` is `throw EngineRefusal(response:)`, and `next()` is to return.
    public mutating func use(_ check: @escaping @Sendable (inout EngineRequest) throws -> Void) {
        hooks.middleware.append(.synchronous(check))
    }

    /// Adds asynchronous middleware. The request is refused with 503 if it takes longer than ``hookTimeout``; its task
    /// is cancelled then, and also if the client disconnects.
    public mutating func use(_ check: @escaping @Sendable (inout EngineRequest) async throws -> Void) {
        hooks.middleware.append(.asynchronous(check))
    }

    /// Adds a check of every request that opens a session, by polling or by WebSocket. An upgrade of an open session
    /// is not checked again.
    public mutating func allowRequest(_ check: @escaping @Sendable (inout EngineRequest) throws -> Void) {
        hooks.allowRequest.append(.synchronous(check))
    }

    /// Adds an asynchronous check of every request that opens a session, with the limits of asynchronous middleware.
    public mutating func allowRequest(_ check: @escaping @Sendable (inout EngineRequest) async throws -> Void) {
        hooks.allowRequest.append(.asynchronous(check))
    }

    /// Adds a function that sets header fields of the answer that opens a session (`initial_headers`).
    public mutating func onInitialHeaders(
        _ setHeaders: @escaping @Sendable (inout HTTPFields, EngineRequest) throws -> Void
    ) {
        hooks.initialHeaders.append(setHeaders)
    }

    /// Adds a function that sets header fields of every answer except refusals (`headers`).
    public mutating func onHeaders(
        _ setHeaders: @escaping @Sendable (inout HTTPFields, EngineRequest) throws -> Void
    ) {
        hooks.headers.append(setHeaders)
    }

    /// Replaces the function that makes session ids (`engine.generateId`). An id must be unpredictable, because
    /// knowing it is enough to take part in the session. A request whose id belongs to an open session of this server
    /// is refused with 400. On workers that share a port, the first four characters are replaced by the worker's
    /// number.
    public mutating func generateID(_ makeID: @escaping @Sendable (EngineRequest) throws -> SessionID) {
        hooks.generateID = makeID
    }
}
