import Transport

/// Routes whose answers are the results of functions.
///
/// A synchronous function runs on the server's loop and must not block. An asynchronous one runs in a task on the loop.
/// The task is cancelled when the client disconnects or ends its side of the connection, when the timeout has passed,
/// and when the server closes. Requests of one connection are handled one after the other, so the answers keep their
/// order. If a function throws, the client gets status 500, and the error is reported (``ServerReport``).
///
/// A path that ends in a slash, except `/` itself, includes everything below it. A body may have as many bytes as
/// ``EngineOptions/maxPayload``. GET also answers HEAD. A method without a function is answered with status 405, and
/// OPTIONS with the list of methods. The last function of a method and path counts. Paths must begin with a slash.
extension SocketServer {
    /// Answers requests of a method for a path.
    public func route(
        _ method: HTTPMethod, _ path: String, _ handler: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse
    ) {
        addRoute(method, path, .synchronous(handler))
    }

    /// Answers requests of a method for a path asynchronously.
    /// - Parameters:
    ///   - method: The method.
    ///   - path: The path.
    ///   - timeout: The maximum time until the answer. After it the client gets status 503, and ``RouteTimeout`` is
    ///     reported.
    ///   - handler: Returns the answer.
    public func route(
        _ method: HTTPMethod, _ path: String, timeout: Duration = .seconds(30),
        _ handler: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) {
        addRoute(method, path, .asynchronous(timeout: timeout, handler))
    }

    /// Answers GET requests for a path. See ``route(_:_:_:)``.
    public func get(_ path: String, _ handler: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse) {
        route(.get, path, handler)
    }

    /// Answers GET requests for a path asynchronously. See ``route(_:_:timeout:_:)``.
    public func get(
        _ path: String, timeout: Duration = .seconds(30),
        _ handler: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) {
        route(.get, path, timeout: timeout, handler)
    }

    /// Answers POST requests for a path. See ``route(_:_:_:)``.
    public func post(_ path: String, _ handler: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse) {
        route(.post, path, handler)
    }

    /// Answers POST requests for a path asynchronously. See ``route(_:_:timeout:_:)``.
    public func post(
        _ path: String, timeout: Duration = .seconds(30),
        _ handler: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) {
        route(.post, path, timeout: timeout, handler)
    }

    /// Routes a path to a function that answers when it wants, streams the answer, or opens a WebSocket.
    /// - Parameters:
    ///   - path: The path to serve.
    ///   - handler: Called on the loop with each complete request of any method. It may pass the exchange to a task,
    ///     and must answer every exchange.
    public func route(_ path: String, _ handler: @escaping @Sendable (HTTPExchange) -> Void) {
        Self.checkPath(path)
        route(path) { ExchangeHandler(handler) }
    }

    private func addRoute(_ method: HTTPMethod, _ path: String, _ function: RouteHandler.Function) {
        Self.checkPath(path)
        setUp { $0.addRoute(method, path, function) }
    }

    private static func checkPath(_ path: String) {
        guard path.hasPrefix("/") else { fatalError("the path of a route must begin with a slash: \(path)") }
    }
}

/// Passes complete requests to a function.
private final class ExchangeHandler: HTTPRequestHandler {
    private let function: @Sendable (HTTPExchange) -> Void

    init(_ function: @escaping @Sendable (HTTPExchange) -> Void) {
        self.function = function
    }

    func handle(_ exchange: HTTPExchange) {
        function(exchange)
    }
}
