import Transport

/// Answers the requests for one path with the application's functions, one for each method.
final class RouteHandler: HTTPRequestHandler {
    /// A function of the application.
    enum Function: Sendable {
        /// Called on the loop.
        case synchronous(@Sendable (HTTPRequest) throws -> HTTPResponse)
        /// Called in a task on the loop. The client gets an error after the timeout.
        case asynchronous(timeout: Duration, @Sendable (HTTPRequest) async throws -> HTTPResponse)
    }

    private let path: String
    private let worker: Worker
    private var functions: [HTTPMethod: Function] = [:]

    /// - Parameter path: The path of the route, for reports.
    init(path: String, worker: Worker) {
        self.path = path
        self.worker = worker
    }

    func set(_ function: Function, for method: HTTPMethod) {
        functions[method] = function
    }

    func handle(_ exchange: HTTPExchange) {
        let request = exchange.request
        let method = request.head.method
        switch functions[method] ?? (method == .head ? functions[.get] : nil) {
        case .synchronous(let function):
            do {
                exchange.respond(try function(request))
            } catch {
                fail(exchange, error)
            }
        case .asynchronous(let timeout, let function):
            RouteTask(exchange, of: self).start(function, timeout: timeout, on: worker.handlerTasks)
        case nil:
            exchange.respond(
                HTTPResponse(status: method == .options ? .noContent : .methodNotAllowed, headers: [allowedMethods]))
        }
    }

    private var allowedMethods: (String, String) {
        var methods = Set(functions.keys.map(\.rawValue)).union([HTTPMethod.options.rawValue])
        if functions[.get] != nil { methods.insert(HTTPMethod.head.rawValue) }
        return ("Allow", methods.sorted().joined(separator: ", "))
    }

    /// Answers with an error of a function: a refusal, or a report and an answer without details.
    func fail(_ exchange: HTTPExchange, _ error: any Error, status: HTTPStatus = .internalServerError) {
        if let refusal = error as? HTTPRefusal { return exchange.respond(refusal.response) }
        worker.report(.routeFailed(error, path: path))
        exchange.respond(.text(status, "the server cannot answer this request"))
    }
}

/// The report of an asynchronous route that has not answered in time.
public struct RouteTimeout: Error, Sendable, CustomStringConvertible {
    /// The time that the route had.
    public let timeout: Duration

    public var description: String { "no answer after \(timeout)" }
}
