/// The reason why a well-formed packet is not allowed now. Each of these errors closes the connection ("parse error").
enum ConnectionError: Error, Equatable {
    /// A packet other than CONNECT for a namespace that the client has not joined.
    case notConnected(String)
    /// A second CONNECT to the same namespace.
    case alreadyConnected(String)
    /// A CONNECT from a client that has already joined, or left, as many namespaces as allowed.
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
