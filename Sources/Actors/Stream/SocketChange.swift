/// A change of sockets that the hub orders.
public enum SocketChange: Sendable, Equatable {
    /// The sockets join these rooms.
    case join([String])
    /// The sockets leave these rooms.
    case leave([String])
    /// The sockets are disconnected from the namespace. If `close`, their connections are closed too.
    case disconnect(close: Bool)

    /// The total size of the names, in bytes.
    var byteCount: Int {
        switch self {
        case .join(let rooms), .leave(let rooms): rooms.byteCount
        case .disconnect: 0
        }
    }
}
