import Actors
import Persistence

extension Hub {
    /// Totals since the start, and the present state.
    public struct Counters: Sendable {
        /// Stored messages.
        public var stored = 0
        /// Messages that were repeats.
        public var repeats = 0
        /// Messages whose group failed.
        public var failed = 0
        /// Messages that were deleted because they are not to be kept.
        public var pruned = 0
        /// Committed transactions.
        public var groups = 0
        /// The total duration of these transactions.
        public var commitTime = Duration.zero
        /// The duration of the longest of these transactions.
        public var longestCommit = Duration.zero
        /// Messages that now wait for the store.
        public var waiting = 0
        /// Sessions that are now connected.
        public var sessions = 0
        /// Sessions that are now kept for lost clients.
        public var lostSessions = 0
        /// Events that are now kept for lost clients.
        public var loggedEvents = 0
        /// The position of the last event.
        public var position: UInt64 = 0
        /// The id of the last published message.
        public var lastMessage: Int64 = 0
        /// Events, and events with acknowledgements, that reached nobody because the host was cut off from the others.
        public var dropped = 0
        /// The durations of the committed transactions.
        package var commits = Histogram()
        /// Failed transactions.
        package var failedGroups = 0
        /// Messages that the store refused, because the database has the size that it may have.
        package var overSize = 0
        /// Failed deletions of old messages.
        package var failedPrunings = 0
        /// Failed deletions of single messages.
        package var failedDeletions = 0
        /// Failed reads of messages of other programs.
        package var failedPolls = 0
        /// Connections to the backplane that could not be opened, or have ended.
        package var outages = 0
    }

    /// The counters and the present state.
    public var status: Counters {
        var status = counters
        status.waiting = machine.storeQueue.count
        status.sessions = machine.sessions.count - machine.lostCount
        status.lostSessions = machine.lostCount
        status.loggedEvents = machine.log?.count ?? 0
        status.position = machine.head
        status.lastMessage = machine.lastPublished
        return status
    }
}
