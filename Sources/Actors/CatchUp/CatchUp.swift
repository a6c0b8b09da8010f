/// How one socket follows the stored messages: it reads what it missed and then joins those who get each message live.
///
/// `last` is the id up to which the client has everything. The live set is joined in the very turn in which `last`
/// equals what the worker's stream has applied, so that no message is missed or given twice.
package struct CatchUp {
    /// What the socket does next.
    package enum Step: Equatable {
        /// It joins the live set now.
        case join
        /// It takes messages after `last`, from the ring if that reaches back so far, else a page up to `through`.
        case read(after: Int64, through: Int64)
        /// It asks the history where the last `latest` messages up to `through` begin.
        case locate(latest: Int, through: Int64)
        /// Nothing: it is live, waits for the hub's answer, for the history's, or for the client to take what waits.
        case wait
    }

    private enum Phase: Equatable {
        case subscribing
        /// Reads when the client has room.
        case behind
        case locating
        case reading(through: Int64)
        case live
    }

    package private(set) var last: Int64
    /// How many messages from before it began to follow the client wants; nil when `last` says where it starts.
    private var latest: Int?
    private var phase = Phase.subscribing

    /// - Parameter start: the id of the last message that the client has.
    package init(start: Int64) {
        last = start
    }

    /// - Parameter count: the client has nothing, and gets this many of the messages there are and then those that come.
    package init(latest count: Int) {
        last = 0
        latest = count
    }

    package var isSubscribed: Bool { phase != .subscribing }

    package var isLive: Bool { phase == .live }

    /// The hub's answer: messages flow from here on.
    /// - Parameter highest: the highest id that the store has ever given. A start above it is of another database.
    /// - Returns: whether the start was such, and is 0 now.
    package mutating func subscribed(highest: Int64) -> Bool {
        phase = .behind
        guard last > highest else { return false }
        last = 0
        return true
    }

    /// What to do now.
    /// - Parameters:
    ///   - applied: the id applied last in the worker's stream.
    ///   - hasRoom: whether little enough waits for the client.
    package mutating func next(applied: Int64, hasRoom: Bool) -> Step {
        guard phase == .behind else { return .wait }
        if let latest {
            guard latest == 0 else {
                phase = .locating
                return .locate(latest: latest, through: applied)
            }
            located(after: applied)
        }
        if last >= applied {
            phase = .live
            return .join
        }
        guard hasRoom else { return .wait }
        phase = .reading(through: applied)
        return .read(after: last, through: applied)
    }

    /// The messages that the client wants begin after `id`.
    package mutating func located(after id: Int64) {
        guard latest != nil, phase == .locating || phase == .behind else { return }
        latest = nil
        last = id
        phase = .behind
    }

    /// The interval that is being read; nil when none is.
    package var openRead: (after: Int64, through: Int64)? {
        guard case .reading(let through) = phase else { return nil }
        return (last, through)
    }

    /// Messages up to `id` were queued for the client.
    /// - Parameter reachesEnd: whether nothing more lies in the interval that was asked for.
    package mutating func delivered(through id: Int64, reachesEnd: Bool) {
        guard case .reading(let through) = phase else { return }
        last = reachesEnd ? max(id, through) : id
        phase = .behind
    }

    /// The history gave no answer.
    package mutating func readFailed() {
        switch phase {
        case .reading, .locating: phase = .behind
        case .subscribing, .behind, .live: break
        }
    }

    /// The client takes too little: it reads again from `id` on when it has room.
    package mutating func leaveLive(last id: Int64) {
        guard phase == .live else { return }
        last = max(last, id)
        phase = .behind
    }
}
