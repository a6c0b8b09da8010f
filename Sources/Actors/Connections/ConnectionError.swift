/// A packet that is well-formed and out of place. Each ends the connection ("parse error").
enum ConnectionError: Error, Equatable {
    /// An event or the like for a namespace that the client has not joined.
    case notConnected(String)
    /// A second CONNECT to one namespace.
    case alreadyConnected(String)
    /// A client in more namespaces than allowed.
    case tooManyNamespaces(limit: Int)
}

extension ConnectionError: CustomStringConvertible {
    var description: String {
        switch self {
        case .notConnected(let namespace): "a packet for \(namespace), which the client has not joined"
        case .alreadyConnected(let namespace): "a second CONNECT to \(namespace)"
        case .tooManyNamespaces(let limit): "more than \(limit) namespaces on one connection"
        }
    }
}
