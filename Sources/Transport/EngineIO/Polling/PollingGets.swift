/// Which GET of a polling session waits, and which were answered last.
struct PollingGets {
    private(set) var isWaiting = false
    /// The waiting GET's stamp.
    private var waiting: RequestStamp?
    /// The GET that was answered last, while it may be repeated.
    private(set) var answered: (stamp: RequestStamp, ending: Ending)?
    /// Those answered before it.
    private var older = LastFew<RequestStamp>(capacity: 8)
    /// Until when the repeat of a GET that lost its connection is awaited.
    var repeatDeadline: ContinuousClock.Instant?

    /// What an answer carries behind its packets.
    enum Ending {
        case nothing
        /// The session is over.
        case close
    }

    /// Whether a GET with this stamp is the waiting one again.
    func repeatsWaiting(_ stamp: RequestStamp?) -> Bool {
        stamp != nil && isWaiting && stamp == waiting
    }

    /// Whether a GET with this stamp is the one answered last again.
    func repeatsAnswered(_ stamp: RequestStamp?) -> Bool {
        stamp != nil && stamp == answered?.stamp
    }

    /// Whether a GET with this stamp is a copy that was on its way while its client went on with others: nobody waits for
    /// its answer.
    func isLate(_ stamp: RequestStamp?) -> Bool {
        guard let stamp, !repeatsWaiting(stamp), !repeatsAnswered(stamp) else { return false }
        return older.contains(stamp)
    }

    /// A new GET waits, which proves that the answer of the one before it arrived.
    mutating func wait(_ stamp: RequestStamp?) {
        isWaiting = true
        waiting = stamp
        prove()
        repeatDeadline = nil
    }

    /// Nobody needs the last answer again.
    mutating func prove() {
        if let answered { older.append(answered.stamp) }
        answered = nil
    }

    /// The waiting GET is answered.
    /// - Returns: whether it may be repeated.
    mutating func answer(_ ending: Ending) -> Bool {
        isWaiting = false
        answered = waiting.map { ($0, ending) }
        return answered != nil
    }

    /// The waiting GET lost its connection.
    /// - Returns: whether it may be repeated.
    mutating func abandon() -> Bool {
        isWaiting = false
        return waiting != nil
    }
}
