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
    }

    /// True while a call runs.
    private(set) var isBusy = false
    /// A group that the store deferred, because messages of other programs must be published first.
    private var deferred: [MessageDraft]?
    private var mustPoll = false
    /// True if a call must begin that reads messages of other programs. A commit reads them too.
    private var mustLook = false
    private var mustPrune = false
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
        let isDue = hasGathered || mustPoll || mustLook || mustPrune || deferred != nil
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
        if mustPrune, !hasPruned { return takePruning() }
        hasPruned = false
        if let group = nextGroup() { return .commit(group) }
        if mustLook { return .poll }
        return mustPrune ? takePruning() : nil
    }

    private mutating func takePruning() -> Work {
        mustPrune = false
        hasPruned = true
        return .prune
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
    }

    /// Marks the store as unusable.
    mutating func close() {
        isClosed = true
        mustPoll = false
        mustLook = false
        mustPrune = false
    }
}
