/// A handler in the form in which it is stored. It runs in its socket's isolation on the loop.
///
/// The result is the event's acknowledgement, sent if the client expects one; nil sends none.
enum SocketHandler<Input: Sendable>: Sendable {
    case synchronous(@Sendable (isolated Socket, Input) throws -> Arguments?)
    /// While this handler is suspended, no other handler of its socket starts.
    case asynchronous(@Sendable (isolated Socket, Input) async throws -> Arguments?)
    /// The next handler of the socket starts without waiting for this one.
    case concurrent(@Sendable (isolated Socket, Input) async throws -> Arguments?)
}

extension SocketHandler {
    /// A handler without a result.
    init(_ handler: @escaping @Sendable (isolated Socket, Input) throws -> Void) {
        self = .synchronous { socket, input in
            try handler(socket, input)
            return nil
        }
    }

    /// An asynchronous handler without a result.
    init(concurrently: Bool, _ handler: @escaping @Sendable (isolated Socket, Input) async throws -> Void) {
        let handler: @Sendable (isolated Socket, Input) async throws -> Arguments? = { socket, input in
            try await handler(socket, input)
            return nil
        }
        self = concurrently ? .concurrent(handler) : .asynchronous(handler)
    }
}
