/// How one socket follows the stored messages: it reads what it missed and then joins those who get each message live.
///
/// `last` is the id up to which the client has everything. The live set is joined in the very turn in which `last`
/// equals what the worker's stream has applied, so that no message is missed or given twice.
struct CatchUp {
    /// What the socket does next.
    enum Step: Equatable {
        /// It joins the live set now.
        case join
        /// It takes messages after `last`, from the ring if that reaches back so far, else a page up to `through`.
        case read(after: Int64, through: Int64)
        /// Nothing: it is live, waits for the hub's answer, for a page, or for the client to take what waits.
        case wait
    }

    private enum Phase: Equatable {
        case subscribing
        /// Reads when the client has room.
        case behind
        case reading(through: Int64)
        case live
    }

    private(set) var last: Int64
    private var phase = Phase.subscribing

    /// - Parameter start: the id of the last message that the client has.
    init(start: Int64) {
        last = start
    }

    var isLive: Bool { phase == .live }

    /// The hub's answer: messages flow from here on.
    /// - Parameter highest: the highest id that the store has ever given. A start above it is of another database.
    /// - Returns: whether the start was such, and is 0 now.
    mutating func subscribed(highest: Int64) -> Bool {
        phase = .behind
        guard last > highest else { return false }
        last = 0
        return true
    }

    /// What to do now.
    /// - Parameters:
    ///   - applied: the id applied last in the worker's stream.
    ///   - hasRoom: whether little enough waits for the client.
    mutating func next(applied: Int64, hasRoom: Bool) -> Step {
        guard phase == .behind else { return .wait }
        if last >= applied {
            phase = .live
            return .join
        }
        guard hasRoom else { return .wait }
        phase = .reading(through: applied)
        return .read(after: last, through: applied)
    }

    /// The interval that is being read; nil when none is.
    var openRead: (after: Int64, through: Int64)? {
        guard case .reading(let through) = phase else { return nil }
        return (last, through)
    }

    /// Messages up to `id` were queued for the client.
    /// - Parameter reachesEnd: whether nothing more lies in the interval that was asked for.
    mutating func delivered(through id: Int64, reachesEnd: Bool) {
        guard case .reading(let through) = phase else { return }
        last = reachesEnd ? max(id, through) : id
        phase = .behind
    }

    /// The page could not be read.
    mutating func readFailed() {
        guard case .reading = phase else { return }
        phase = .behind
    }

    /// The client takes too little: it reads again from `id` on when it has room.
    mutating func leaveLive(last id: Int64) {
        guard phase == .live else { return }
        last = max(last, id)
        phase = .behind
    }
}
