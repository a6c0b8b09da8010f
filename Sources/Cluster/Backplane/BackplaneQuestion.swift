import Actors

/// What one host asks all other hosts.
public enum BackplaneQuestion: Sendable, Equatable {
    /// Descriptions of the connected sockets of a selection.
    case sockets(SocketSelection)
    /// The names of all rooms of a namespace, with those named after sockets.
    case rooms(namespace: String)
    /// An event for clients, each of which may acknowledge it.
    case clients(Broadcast)
    /// An event for the handlers of servers. Each host answers with one value.
    case servers(ServerEvent)
}

extension BackplaneQuestion {
    /// The namespace that the question belongs to.
    var namespace: String {
        switch self {
        case .sockets(let selection): selection.namespace
        case .rooms(let namespace): namespace
        case .clients(let broadcast): broadcast.namespace
        case .servers(let event): event.namespace
        }
    }

    /// True if clients answer, after the hosts have told how many.
    var asksClients: Bool {
        if case .clients = self { true } else { false }
    }
}

/// What a host answers.
public enum BackplaneAnswer: Sendable, Equatable {
    /// Its sockets.
    case sockets([FetchedSocket])
    /// Its rooms.
    case rooms([String])
    /// The number of its clients that receive the event. Their acknowledgements follow.
    case clientCount(Int)
    /// A client's acknowledgement, of which only the first argument may arrive.
    case acknowledgement(EncodedArguments)
    /// The result of a handler, of which only the first value may arrive.
    case result(EncodedArguments)
}

/// The host that asks, and its question.
public struct BackplaneAsker: Sendable, Hashable {
    /// The name of the asking node, as the backplane knows it.
    public let node: String
    /// The namespace of the question, with its leading slash.
    public let namespace: String
    /// The asking node's name of the question.
    public let request: String

    /// Creates a description. The properties explain the parameters.
    public init(node: String, namespace: String, request: String) {
        self.node = node
        self.namespace = namespace
        self.request = request
    }
}
