import Persistence
import Transport

extension Hub {
    /// An event for the operator.
    public enum Report: Sendable {
        /// A group of messages could not be stored. Their senders got no acknowledgement.
        case groupFailed(count: Int, StoreError)
        /// The store must not be written any more, so the process has to exit.
        case storeLost(StoreError)
        /// Polling for messages of other programs failed. The hub tries again.
        case pollFailed(StoreError)
        /// Messages that are not to be kept could not be deleted. The hub tries again.
        case pruningFailed(StoreError)
        /// The time of the message with this id is in the future, so it counts as old as the next one with a known time
        /// when old messages are deleted. Reported once.
        case messageFromFuture(id: Int64)
        /// Live clients claim the session of this socket from each other. Further claimants get a new session.
        case contestedSession(SessionID)
        /// The connection to the store's database was lost, or made again.
        case storeNotice(StoreNotice)
        /// The backplane was lost, is there again, or has ignored a message.
        case backplane(BackplaneNotice)
    }
}

extension Hub.Report: CustomStringConvertible {
    /// The event as a line for the operator. A line about a failure begins with `error:`.
    public var description: String {
        switch self {
        case .groupFailed(let count, let error): "error: \(count) messages not stored: \(error)"
        case .storeLost(let error): "error: \(error); exiting"
        case .pollFailed(let error): "error: cannot read messages of other programs: \(error)"
        case .pruningFailed(let error): "error: cannot delete old messages: \(error)"
        case .messageFromFuture(let id):
            "the time of message \(id) is in the future, so its age is unknown: when old messages are deleted, it "
                + "is as old as the next one with a known time; check the clocks of this machine and of other writers"
        case .contestedSession(let id):
            "clients take the session of socket \(id) from each other, as copies of a browser tab do: "
                + "each of them gets a new session when it reconnects"
        case .storeNotice(let notice): "\(notice)"
        case .backplane(let notice): "\(notice)"
        }
    }

    /// The kind of the report. A log limits the lines of each kind.
    package var kind: String {
        switch self {
        case .groupFailed: "group"
        case .storeLost: "loss"
        case .pollFailed: "poll"
        case .pruningFailed: "pruning"
        case .messageFromFuture: "future"
        case .contestedSession: "contested session"
        case .storeNotice: "database"
        case .backplane(let notice): notice.kind
        }
    }

    /// True if the hub reports ``storeLost(_:)`` next, for the same error.
    package var precedesLoss: Bool {
        switch self {
        case .groupFailed(_, let error), .pollFailed(let error), .pruningFailed(let error): error.endsStore
        case .storeLost, .messageFromFuture, .contestedSession, .storeNotice, .backplane: false
        }
    }
}
