/// Which messages a store keeps. It never deletes one that is younger than ``leastAge``.
public enum Retention: Sendable, Equatable {
    /// Messages that are younger than this.
    case age(Duration)
    /// The newest messages.
    case count(Int64)

    /// The age that a message has at least when it is deleted. Clients that were away for a shorter time miss nothing.
    public static let leastAge = Duration.seconds(24 * 3600)

    /// The age from which a message may be deleted.
    var minAge: Duration {
        switch self {
        case .age(let age): max(age, Self.leastAge)
        case .count: Self.leastAge
        }
    }
}

/// What a call of ``MessageStore/prune()`` has done.
public struct Pruning: Sendable, Equatable {
    /// Every message up to this id is deleted; 0 if none was ever deleted.
    public var through: Int64
    /// The number of messages that this call has deleted.
    public var count: Int
    /// True if a further call may find more messages to delete.
    public var mayContinue: Bool
    /// The id of a message whose time is in the future, so that its age is unknown; nil if none was noticed.
    public var futureMessage: Int64?

    /// Creates a result. The properties explain the parameters.
    public init(through: Int64 = 0, count: Int = 0, mayContinue: Bool = false, futureMessage: Int64? = nil) {
        self.futureMessage = futureMessage
        self.through = through
        self.count = count
        self.mayContinue = mayContinue
    }
}

/// Messages that were deleted.
public enum DeletedMessages: Sendable, Equatable {
    /// Every message up to this id.
    case through(Int64)
    /// The messages with these ids.
    case messages([Int64])

    /// True if the message with this id is one of them.
    public func contains(_ id: Int64) -> Bool {
        switch self {
        case .through(let last): id <= last
        case .messages(let ids): ids.contains(id)
        }
    }
}
