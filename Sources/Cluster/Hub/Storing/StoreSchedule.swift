import Persistence

/// Decides the next call to the store. One call runs at a time, while the next group gathers.
///
/// Stored messages go to every worker with followers, so no call starts while a link is congested, unless the hub is
/// closing. Senders then wait for credit.
struct StoreSchedule {
    enum Work: Equatable {
        case commit([MessageDraft])
        /// Read messages of other programs.
        case poll
        /// Delete some of the messages that are not to be kept.
        case prune
        /// Delete these messages.
        case delete([Int64])
    }

    /// The most deletions of single messages that wait.
    static let maxDeletions = 16

    /// True while a call runs.
    private(set) var isBusy = false
    /// A group that the store deferred, because messages of other programs must be published first.
    private var deferred: [MessageDraft]?
    private var mustPoll = false
    /// True if a call must begin that reads messages of other programs. A commit reads them too.
    private var mustLook = false
    private var mustPrune = false
    /// The ids of the deletions that wait, in the order of the requests.
    private var deletions: [[Int64]] = []
    /// True if the last call deleted messages, so that a group comes first now.
    private var hasPruned = false
    private var isClosing = false
    /// True if the store must not be called any more. Every group then fails.
    private(set) var isClosed = false

    /// Starts the next call.
    /// - Parameters:
    ///   - hasGathered: true if messages have gathered.
    ///   - isCongested: true if a link is congested.
    ///   - nextGroup: starts the next group of gathered messages.
    /// - Returns: the call to make; nil if none is due.
    mutating func next(
        hasGathered: Bool, isCongested: @autoclosure () -> Bool, nextGroup: () -> [MessageDraft]?
    ) -> Work? {
        let isDue = hasGathered || mustPoll || mustLook || mustPrune || !deletions.isEmpty || deferred != nil
        guard !isBusy, isDue, isClosing || !isCongested() else { return nil }
        guard let work = takeWork(nextGroup) else { return nil }
        isBusy = true
        return work
    }

    private mutating func takeWork(_ nextGroup: () -> [MessageDraft]?) -> Work? {
        if let group = deferred {
            deferred = nil
            return .commit(group)
        }
        defer { mustLook = false }
        if mustPoll {
            mustPoll = false
            return .poll
        }
        // Deletions and groups take turns while both wait.
        if !hasPruned, let deletion = takeDeletion() { return deletion }
        hasPruned = false
        if let group = nextGroup() { return .commit(group) }
        if mustLook { return .poll }
        return takeDeletion()
    }

    private mutating func takeDeletion() -> Work? {
        guard mustPrune || !deletions.isEmpty else { return nil }
        hasPruned = true
        // The operator waits for a single message.
        if !deletions.isEmpty { return .delete(deletions.removeFirst()) }
        mustPrune = false
        return .prune
    }

    /// Requests a call that deletes messages by their ids.
    /// - Returns: false if the store is closing or closed, or if too many deletions wait.
    mutating func requestDeletion(of ids: [Int64]) -> Bool {
        guard !isClosing, !isClosed, deletions.count < Self.maxDeletions else { return false }
        deletions.append(ids)
        return true
    }

    /// Records the end of a call that deletes messages by their ids.
    mutating func finishDeletion() {
        isBusy = false
    }

    /// Requests a call that deletes messages.
    mutating func requestPruning() {
        if !isClosing, !isClosed { mustPrune = true }
    }

    /// Records the end of a call that deletes messages.
    /// - Parameter mayContinue: true if a further call may find more.
    mutating func finishPruning(mayContinue: Bool) {
        isBusy = false
        mustPrune = mayContinue && !isClosing && !isClosed
    }

    /// Requests a poll. A poll is not needed while a call runs: a commit reads messages of other programs too.
    mutating func requestPoll() {
        if !isBusy, !isClosing, !isClosed { mustPoll = true }
    }

    /// Requests a call that begins from now on, also if one runs, and reads messages of other programs.
    mutating func requestLook() {
        if !isClosing, !isClosed { mustLook = true }
    }

    /// Records the end of a commit.
    /// - Parameter group: the group, if the store deferred it. The next call tries again to commit it.
    mutating func finish(deferred group: [MessageDraft]? = nil) {
        isBusy = false
        deferred = group
    }

    /// Records the end of a poll.
    /// - Parameter foundMessages: true if the poll found messages. There may be more, so the next call is a poll again.
    mutating func finishPoll(foundMessages: Bool) {
        isBusy = false
        mustPoll = foundMessages && !isClosing && !isClosed
    }

    /// Stops polling. Gathered messages are still stored, even while links are congested.
    mutating func beginClosing() {
        isClosing = true
        mustPoll = false
        mustLook = false
        mustPrune = false
        deletions = []
    }

    /// Marks the store as unusable.
    mutating func close() {
        isClosed = true
        mustPoll = false
        mustLook = false
        mustPrune = false
        deletions = []
    }
}
