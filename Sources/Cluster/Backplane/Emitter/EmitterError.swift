/// The reason why an ``Emitter`` has not sent something, or does not know whether it has.
public enum EmitterError: Error, Sendable, Equatable {
    /// The URL cannot be used, for this reason.
    case invalidURL(String)
    /// Servers would refuse the event or the change, for this reason.
    case invalidEvent(String)
    /// The broker does not accept the user, the password, or the event. Nothing was sent.
    case refused(String)
    /// No broker could be reached in time, or it cannot take the event now. Nothing was sent.
    case unreachable(String)
    /// The broker has not confirmed what was sent, and may have it or not. To send it again may repeat it.
    case outcomeUnknown(String)
    /// Too many bytes wait for the broker. Nothing was sent.
    case tooMuchWaits(limit: Int)
    /// The emitter is closed.
    case closed
}

extension EmitterError: CustomStringConvertible {
    /// One line for the operator. It has no password.
    public var description: String {
        switch self {
        case .invalidURL(let reason): reason
        case .invalidEvent(let reason): "the event cannot be sent: \(reason)"
        case .refused(let reason): reason
        case .unreachable(let reason): "the broker cannot be reached: \(reason)"
        case .outcomeUnknown(let reason): "the broker has not confirmed the event, and may have it or not: \(reason)"
        case .tooMuchWaits(let limit): "more than \(limit) bytes wait for the broker"
        case .closed: "the emitter is closed"
        }
    }
}
