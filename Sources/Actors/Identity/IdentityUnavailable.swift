/// Thrown by a function of `identify` that could not find out who the client is, for example because a database does
/// not answer.
///
/// A ``ConnectError`` is final: the official client does not try again by itself. This error closes the client's
/// connection instead (WebSocket close code 1013), so that the client reconnects as after any lost connection. A client
/// that is in another namespace over the same connection keeps that one, and receives `connect_error` with the message
/// `unauthorized` and the data `{"reason": "unavailable"}`.
public struct IdentityUnavailable: Error, Sendable, CustomStringConvertible {
    /// True if the function answers others meanwhile.
    let isBusy: Bool

    /// Creates the error.
    public init() {
        self.init(isBusy: false)
    }

    /// - Parameter isBusy: true if the function answers others meanwhile, so that no operator has to act. The refusal
    ///   counts as one by identity then.
    package init(isBusy: Bool) {
        self.isBusy = isBusy
    }

    public var description: String { "it is unknown who the client is" }

    /// What a client gets whose connection stays open.
    static var connectError: ConnectError {
        ConnectError("unauthorized", data: JSONText(object: [("reason", "unavailable")]))
    }
}
