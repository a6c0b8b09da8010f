/// A handler of the events of other workers. It runs on the worker's loop. Its result is the answer, which is sent if
/// the other worker expects one.
struct ServerHandler: Sendable {
    enum Body: Sendable {
        case synchronous(@Sendable (ArgumentReader, ValueCoding) throws -> Arguments)
        case asynchronous(@Sendable (ArgumentReader, ValueCoding) async throws -> Arguments)
    }

    let token: HandlerToken
    let body: Body
}

extension HandlerRegistry {
    /// Adds a handler of the events of other workers.
    func add(_ body: ServerHandler.Body, ofServerEvent event: String) -> HandlerToken {
        let handler = ServerHandler(token: HandlerToken(), body: body)
        change { $0.serverEvents[event, default: []].append(handler) }
        return handler.token
    }
}

/// The reason why an event to other workers is not sent, or not answered.
enum ServerEventError: Error, CustomStringConvertible {
    case noHandler(event: String, namespace: String)
    case tooManyHandlers(event: String, limit: Int)
    /// The arguments are not a list of JSON values.
    case invalidArguments(event: String)
    /// The event is larger than `limit` bytes.
    case tooLarge(event: String, limit: Int)

    var description: String {
        switch self {
        case .noHandler(let event, let namespace): "no handler of the server event \"\(event)\" in \(namespace)"
        case .tooManyHandlers(let event, let limit):
            "the server event \"\(event)\" was not handled: \(limit) handlers of server events are running"
        case .invalidArguments(let event): "the arguments of the server event \"\(event)\" are invalid"
        case .tooLarge(let event, let limit): "the server event \"\(event)\" is larger than \(limit >> 20) MiB"
        }
    }
}
