/// The reason why a well-formed packet is not allowed now. Each of these errors closes the connection ("parse error").
package enum ConnectionError: Error, Equatable {
    /// A packet other than CONNECT for a namespace that the client has not joined.
    case notConnected(String)
    /// A second CONNECT to the same namespace.
    case alreadyConnected(String)
    /// A CONNECT from a client that has already joined, or left, as many namespaces as allowed.
    case tooManyNamespaces(limit: Int)
}

extension ConnectionError: CustomStringConvertible {
    /// One line for the operator. The name of the namespace, which the client may have made up, is cut and escaped.
    package var description: String {
        text { String(decoding: $0.utf8.prefix(RefusedClient.shownName), as: UTF8.self).debugDescription }
    }

    /// One line for the operator.
    /// - Parameter shown: the name of a namespace as it is in the line.
    package func text(_ shown: (String) -> String) -> String {
        switch self {
        case .notConnected(let namespace): "a packet for \(shown(namespace)), which the client has not joined"
        case .alreadyConnected(let namespace): "a second CONNECT to \(shown(namespace))"
        case .tooManyNamespaces(let limit): "more than \(limit) namespaces on one connection"
        }
    }
}
