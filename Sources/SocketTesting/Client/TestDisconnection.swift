/// The reason why a test's client was disconnected. The raw values are those of the official clients.
public enum TestDisconnection: String, Sendable {
    /// The server has disconnected the socket.
    case byServer = "io server disconnect"
    /// The test has disconnected the socket.
    case byClient = "io client disconnect"
    /// The connection has ended.
    case transportClose = "transport close"
    /// The connection was lost.
    case transportError = "transport error"
}
