/// An event handler. It runs in its socket's isolation on the loop, one at a time per socket.
enum Handler<Input: Sendable>: Sendable {
    case synchronous(@Sendable (isolated Socket, Input) throws -> Void)
    /// While this handler is suspended, no other handler of its socket starts.
    case asynchronous(@Sendable (isolated Socket, Input) async throws -> Void)
}

/// The error that middleware throws to reject a client. The client receives the message and the data as
/// `connect_error`.
public struct ConnectError: Error, Sendable {
    public let message: String
    /// Additional details for the client, or nil.
    public let data: JSONText?

    public init(_ message: String, data: JSONText? = nil) {
        self.message = message
        self.data = data
    }
}
