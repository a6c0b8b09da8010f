/// Which GET of a polling session waits, and which was answered last.
struct PollingGets {
    private(set) var isWaiting = false
    /// The waiting GET's stamp.
    private var waiting: RequestStamp?
    /// The GET that was answered last, while it may be repeated.
    private(set) var answered: (stamp: RequestStamp, ending: Ending)?
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

    /// A new GET waits, which proves that the answer of the one before it arrived.
    mutating func wait(_ stamp: RequestStamp?) {
        isWaiting = true
        waiting = stamp
        answered = nil
        repeatDeadline = nil
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

/// Which POST of a polling session is in progress, and which was handled last.
struct PollingPosts {
    /// What a POST that begins is.
    enum Beginning: Equatable {
        case new
        /// The one whose body is still coming, again.
        case replacement
        /// The one handled last, again.
        case `repeat`
        /// It begins before the one in progress is answered.
        case overlap
    }

    private enum Progress {
        /// Its body is coming.
        case receiving(RequestStamp?)
        /// Its packets have been handled; it waits for its answer.
        case handled(RequestStamp?)
    }

    private var progress: Progress?
    /// The POST that was handled last, if it has a stamp.
    private(set) var last: RequestStamp?
    /// Until when the repeat of a POST that lost its connection is awaited.
    var repeatDeadline: ContinuousClock.Instant?

    func beginning(_ stamp: RequestStamp?) -> Beginning {
        if let stamp, stamp == last { return .repeat }
        switch progress {
        case nil: return .new
        case .receiving(let first?) where first == stamp: return .replacement
        case .receiving, .handled: return .overlap
        }
    }

    mutating func receive(_ stamp: RequestStamp?) {
        progress = .receiving(stamp)
        repeatDeadline = nil
    }

    mutating func handle(_ stamp: RequestStamp?) {
        progress = .handled(stamp)
        last = stamp
        repeatDeadline = nil
    }

    /// The POST handled last has come again and waits for its answer as well.
    mutating func handleAgain() {
        if progress == nil { progress = .handled(last) }
        repeatDeadline = nil
    }

    mutating func answer() {
        if case .handled = progress { progress = nil }
    }

    /// The POST in progress lost its connection, and so did its repeats.
    /// - Returns: whether it may be repeated; nil when none was in progress.
    mutating func abandon() -> Bool? {
        defer { progress = nil }
        switch progress {
        case nil: return nil
        case .receiving(let stamp), .handled(let stamp): return stamp != nil
        }
    }
}
