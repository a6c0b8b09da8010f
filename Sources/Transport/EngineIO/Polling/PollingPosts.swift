/// The POST of a polling session that is in progress, and the POSTs that were handled last.
struct PollingPosts: InitiallyEmpty {
    /// The classification of a POST when its head has arrived.
    enum Beginning: Equatable {
        case new
        /// It replaces the POST whose body is still arriving, because it repeats that POST or because that POST is a
        /// late copy of a handled one.
        case replacement
        /// It may repeat a POST that was handled. Whether it does is decided when its body is complete.
        case `repeat`
        /// It begins before the POST in progress is answered.
        case overlap
    }

    private enum Progress {
        /// The body is arriving.
        case receiving(RequestStamp?)
        /// The packets have been handled, and the POST waits for its answer.
        case handled(RequestStamp?)
    }

    /// The identity of a POST, shared by its repeats. The stamp alone is not enough: rust_engineio sends a checksum of
    /// the time, which equals the previous one in one of a few thousand requests. By the stamp alone, that request
    /// would be taken for a repeat, and its packets would be lost.
    private struct Identity: Equatable {
        let stamp: RequestStamp
        let bodyHash: Int

        init(_ stamp: RequestStamp, _ body: [UInt8]) {
            self.stamp = stamp
            bodyHash = body.hashValue
        }
    }

    private var progress: Progress?
    /// The POSTs with a stamp that were handled last.
    private var handled = RecentElements<Identity>(capacity: 8)
    /// How often POSTs were repeated since the last new one.
    private var repeats = 0
    /// The POST that lost its connection, and the time by which its repeat must begin. The time is nil while the
    /// repeat's body arrives.
    private var awaited: (stamp: RequestStamp, deadline: ContinuousClock.Instant?)?

    /// The time by which a POST that lost its connection must be repeated.
    var repeatDeadline: ContinuousClock.Instant? {
        get { awaited?.deadline }
        set { awaited = newValue.flatMap { deadline in awaited.map { ($0.stamp, deadline) } } }
    }

    /// True if a POST that may be repeated has been handled.
    var mayBeRepeated: Bool { !handled.isEmpty }

    /// Classifies a POST that begins.
    func beginning(_ stamp: RequestStamp?) -> Beginning {
        switch progress {
        case nil: return .new
        case .receiving(let first?) where first == stamp: return .replacement
        case .receiving, .handled: break
        }
        if let stamp, mayBeRepeat(stamp) { return .repeat }
        if case .receiving(let first?) = progress, mayBeRepeat(first) { return .replacement }
        return .overlap
    }

    /// True if the body of a POST with this stamp is still arriving.
    func isReceiving(_ stamp: RequestStamp?) -> Bool {
        if case .receiving(let first?) = progress { first == stamp } else { false }
    }

    private func mayBeRepeat(_ stamp: RequestStamp) -> Bool {
        handled.contains(where: { $0.stamp == stamp })
    }

    /// True if one of the last handled POSTs had this stamp and this body.
    func wasHandled(_ stamp: RequestStamp?, _ body: [UInt8]) -> Bool {
        guard let stamp, mayBeRepeat(stamp) else { return false }
        return handled.contains(Identity(stamp, body))
    }

    /// Counts a repeat of a POST.
    /// - Returns: false if there were too many.
    mutating func countRepeat() -> Bool {
        repeats += 1
        return repeats <= RequestStamp.maxRepeats
    }

    mutating func receive(_ stamp: RequestStamp?) {
        progress = .receiving(stamp)
        if let stamp, awaited?.stamp == stamp {
            awaited = (stamp, nil)
        } else if !(stamp.map(mayBeRepeat) ?? false) {
            awaited = nil
        }
    }

    mutating func handle(_ stamp: RequestStamp?, _ body: [UInt8]) {
        progress = .handled(stamp)
        repeats = 0
        if let stamp { handled.append(Identity(stamp, body)) }
        awaited = nil
    }

    /// Records that a handled POST was repeated, and that the repeat waits for an answer too.
    /// - Parameter hasBegun: true if the repeat is the POST whose body was arriving.
    mutating func handleAgain(_ stamp: RequestStamp?, hasBegun: Bool) {
        if progress == nil || hasBegun { progress = .handled(stamp) }
        if awaited?.stamp == stamp { awaited = nil }
    }

    mutating func answer() {
        if case .handled = progress { progress = nil }
    }

    /// Records that the POST in progress and its repeats lost their connections.
    /// - Parameter deadline: the time by which it must be repeated; nil if it need not be.
    /// - Returns: true if it may be repeated; nil if none was in progress.
    mutating func abandon(awaitingRepeatUntil deadline: ContinuousClock.Instant?) -> Bool? {
        defer { progress = nil }
        switch progress {
        case nil:
            return nil
        case .receiving(let stamp?) where mayBeRepeat(stamp) && awaited?.stamp != stamp:
            // This is a late copy: its client has received the answer and continued.
            return true
        case .receiving(let stamp), .handled(let stamp):
            awaited = stamp.flatMap { stamp in deadline.map { (stamp, $0) } }
            return stamp != nil
        }
    }

    /// Discards the POST whose body was arriving.
    mutating func forgetUnfinished() {
        if case .receiving = progress { progress = nil }
        awaited = nil
    }
}
