/// A handler, run in its socket's isolation: on the loop, one at a time for each socket.
enum Handler<Input: Sendable>: Sendable {
    case synchronous(@Sendable (isolated Socket, Input) throws -> Void)
    /// While it is suspended, no further handler of its socket starts.
    case asynchronous(@Sendable (isolated Socket, Input) async throws -> Void)
}

/// A connection that middleware refuses; the client gets the message and the data as `connect_error`.
public struct ConnectError: Error, Sendable {
    public let message: String
    public let data: JSONText?

    public init(_ message: String, data: JSONText? = nil) {
        self.message = message
        self.data = data
    }
}
