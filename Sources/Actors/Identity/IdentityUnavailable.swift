/// Thrown by a function of `identify` that could not find out who the client is, for example because a database does
/// not answer.
///
/// A ``ConnectError`` is final: the official client does not try again by itself. This error closes the client's
/// connection instead (WebSocket close code 1013), so that the client reconnects as after any lost connection. A client
/// that is in another namespace over the same connection keeps that one, and receives `connect_error` with the message
/// `unauthorized` and the data `{"reason": "unavailable"}`.
public struct IdentityUnavailable: Error, Sendable {
    /// Creates the error.
    public init() {}

    /// What a client gets whose connection stays open.
    static var connectError: ConnectError {
        ConnectError("unauthorized", data: JSONText(object: [("reason", "unavailable")]))
    }
}
