/// What an operator should know about the backplane.
public enum BackplaneNotice: Sendable, Equatable {
    /// The connection could not be opened, or has ended.
    case disconnected(reason: String)
    /// The broker could not be reached for too long, so the host continues alone.
    case cutOff(OutagePolicy)
    /// Events travel between the hosts again.
    case connectedAgain
    /// A malformed or unknown message was ignored.
    case ignored(reason: String)
    /// A message of this host stays on it, because other hosts would refuse it.
    case notPublished(reason: String)
    /// Something else of this host does not reach the others, or not all of it.
    case problem(reason: String)
}

extension BackplaneNotice: CustomStringConvertible {
    /// One line for the operator.
    public var description: String {
        switch self {
        case .disconnected(let reason): "error: no connection to the other hosts: \(reason)"
        case .cutOff(.local): "error: cut off from the other hosts: events reach this host's clients only"
        case .cutOff(.fail): "error: cut off from the other hosts: events are dropped"
        case .connectedAgain: "connected to the other hosts again"
        case .ignored(let reason): "ignored a message of another host: \(reason)"
        case .notPublished(let reason): "error: an event or a change reaches this host's clients only: \(reason)"
        case .problem(let reason): "error: \(reason)"
        }
    }

    /// The kind of the notice. A log limits the lines of each kind.
    var kind: String {
        switch self {
        case .disconnected: "backplane"
        case .cutOff: "cut off"
        case .connectedAgain: "backplane again"
        case .ignored: "ignored message"
        case .notPublished: "message not published"
        case .problem: "backplane problem"
        }
    }
}
