/// The waiting GET of a polling session, and the GETs that were answered last.
struct PollingGets: InitiallyEmpty {
    private(set) var isWaiting = false
    /// The stamp of the waiting GET.
    private var waiting: RequestStamp?
    /// The GET that was answered last; nil if it cannot be repeated any more.
    private(set) var answered: (stamp: RequestStamp, ending: Ending)?
    /// How often the answer was repeated.
    private var repeats = 0
    /// The stamps of the GETs that were answered before the GET in ``answered``.
    private var older = RecentElements<RequestStamp>(capacity: 8)
    /// The time by which a GET that lost its connection must be repeated.
    var repeatDeadline: ContinuousClock.Instant?

    /// The ending of an answer, after its packets.
    enum Ending {
        case nothing
        /// A close packet.
        case close
    }

    /// True if a GET with this stamp repeats the waiting one.
    func repeatsWaiting(_ stamp: RequestStamp?) -> Bool {
        stamp != nil && isWaiting && stamp == waiting
    }

    /// True if a GET with this stamp repeats the one answered last.
    func repeatsAnswered(_ stamp: RequestStamp?) -> Bool {
        stamp != nil && stamp == answered?.stamp
    }

    /// Counts a repeat of the GET that was answered last.
    /// - Returns: false if it was repeated too often.
    mutating func countRepeat() -> Bool {
        repeats += 1
        return repeats <= RequestStamp.maxRepeats
    }

    /// True if a GET with this stamp is a late copy of an older one. Its client has received a later answer and does
    /// not wait for an answer to this copy.
    func isLate(_ stamp: RequestStamp?) -> Bool {
        guard let stamp, !repeatsWaiting(stamp), !repeatsAnswered(stamp) else { return false }
        return older.contains(stamp)
    }

    /// Records a new waiting GET. It proves that the previous answer arrived.
    mutating func wait(_ stamp: RequestStamp?) {
        isWaiting = true
        waiting = stamp
        confirmAnswer()
        repeatDeadline = nil
    }

    /// Records that the last answer arrived and will not be requested again.
    mutating func confirmAnswer() {
        if let answered { older.append(answered.stamp) }
        answered = nil
    }

    /// Records that the waiting GET was answered.
    /// - Returns: true if the GET may be repeated.
    mutating func answer(_ ending: Ending) -> Bool {
        isWaiting = false
        repeats = 0
        answered = waiting.map { ($0, ending) }
        return answered != nil
    }

    /// Records that the waiting GET lost its connection.
    /// - Returns: true if the GET may be repeated.
    mutating func abandon() -> Bool {
        isWaiting = false
        return waiting != nil
    }
}
