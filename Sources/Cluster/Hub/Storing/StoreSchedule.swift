import Persistence

/// Which call of the store comes next: one at a time, while the next group gathers.
///
/// What is stored goes to every worker. So no call begins while a link is congested; senders wait by their credit.
struct StoreSchedule {
    enum Work: Equatable {
        case commit([MessageDraft])
        /// Look for messages of other programs.
        case poll
    }

    /// Whether a call is under way.
    private(set) var isBusy = false
    /// A group that the store has put off, because messages of other programs come first.
    private var deferred: [MessageDraft]?
    private var mustPoll = false
    private var isClosing = false
    /// Whether the store must not be called any more: groups fail.
    private(set) var isClosed = false

    /// Begins the next call, if there is one to make.
    /// - Parameters:
    ///   - hasGathered: whether messages have gathered.
    ///   - nextGroup: takes them.
    mutating func next(
        hasGathered: Bool, isCongested: @autoclosure () -> Bool, nextGroup: () -> [MessageDraft]?
    ) -> Work? {
        guard !isBusy, hasGathered || mustPoll || deferred != nil, isClosing || !isCongested() else { return nil }
        guard let work = takeWork(nextGroup) else { return nil }
        isBusy = true
        return work
    }

    private mutating func takeWork(_ nextGroup: () -> [MessageDraft]?) -> Work? {
        if let group = deferred {
            deferred = nil
            return .commit(group)
        }
        if mustPoll {
            mustPoll = false
            return .poll
        }
        return nextGroup().map(Work.commit)
    }

    /// Messages of other programs are to be looked for. A commit that is under way does that too.
    mutating func requestPoll() {
        if !isBusy, !isClosing, !isClosed { mustPoll = true }
    }

    /// The call is over.
    /// - Parameter putOff: the group that has to be committed again.
    mutating func finish(putOff group: [MessageDraft]? = nil) {
        isBusy = false
        deferred = group
    }

    /// The call is over.
    /// - Parameter foundMessages: whether it found messages. There may be more of them.
    mutating func finishPoll(foundMessages: Bool) {
        isBusy = false
        mustPoll = foundMessages && !isClosing && !isClosed
    }

    /// No more than what has gathered is stored, whether links are congested or not.
    mutating func beginClosing() {
        isClosing = true
        mustPoll = false
    }

    mutating func close() {
        isClosed = true
        mustPoll = false
    }
}
