/// The reason why ``Audience/fetchSockets(timeout:)`` returns no sockets.
public enum FetchError: Error, Sendable, Equatable {
    /// The hub did not answer within the timeout.
    case timedOut
    /// The descriptions of the selected sockets are too large for one answer. `count` is the number of these sockets.
    /// Fetch the members of smaller rooms, or keep less data for each socket.
    case tooLarge(count: Int)
    /// The server's adapter does not carry out such requests.
    case refused
    /// The server is closed.
    case closed
}

extension FetchError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .timedOut: "the hub did not answer in time"
        case .tooLarge(let count): "the descriptions of \(count) sockets are too large for one answer"
        case .refused: "the adapter does not fetch sockets"
        case .closed: "the server is closed"
        }
    }
}
