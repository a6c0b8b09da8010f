/// Which POST of a polling session is in progress, and which were handled last.
struct PollingPosts {
    /// What a POST is, as far as it has come.
    enum Beginning: Equatable {
        case new
        /// It takes the place of the one whose body is still coming: that one again, or what came late.
        case replacement
        /// Perhaps one that has been handled, again: its body will tell.
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

    /// What a repeat has in common with its first copy. The stamp alone does not do: those of rust_engineio are checksums of
    /// the time, of which one in a few thousand equals the one before, and its packets would be lost.
    private struct Mark: Equatable {
        let stamp: RequestStamp
        let bodyHash: Int

        init(_ stamp: RequestStamp, _ body: [UInt8]) {
            self.stamp = stamp
            bodyHash = body.hashValue
        }
    }

    private var progress: Progress?
    /// Those that were handled last and have a stamp.
    private var handled = LastFew<Mark>(capacity: 8)
    /// The POST that lost its connection, and until when its repeat must begin; nil while the repeat's body is coming.
    private var awaited: (stamp: RequestStamp, deadline: ContinuousClock.Instant?)?

    /// Until when the repeat of a POST that lost its connection is awaited.
    var repeatDeadline: ContinuousClock.Instant? {
        get { awaited?.deadline }
        set { awaited = newValue.flatMap { deadline in awaited.map { ($0.stamp, deadline) } } }
    }

    /// Whether a POST has been handled that may be repeated.
    var mayBeRepeated: Bool { !handled.isEmpty }

    /// What a POST with this stamp is when it begins.
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

    /// Whether the body of a POST with this stamp is still coming.
    func isReceiving(_ stamp: RequestStamp?) -> Bool {
        if case .receiving(let first?) = progress { first == stamp } else { false }
    }

    private func mayBeRepeat(_ stamp: RequestStamp) -> Bool {
        handled.contains(where: { $0.stamp == stamp })
    }

    /// Whether the POST has been handled already. Late copies count as well.
    func wasHandled(_ stamp: RequestStamp?, _ body: [UInt8]) -> Bool {
        guard let stamp, mayBeRepeat(stamp) else { return false }
        return handled.contains(Mark(stamp, body))
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
        if let stamp { handled.append(Mark(stamp, body)) }
        awaited = nil
    }

    /// A POST that has been handled came again and waits for its answer as well.
    /// - Parameter hasBegun: whether it is the one whose body was coming.
    mutating func handleAgain(_ stamp: RequestStamp?, hasBegun: Bool) {
        if progress == nil || hasBegun { progress = .handled(stamp) }
        if awaited?.stamp == stamp { awaited = nil }
    }

    mutating func answer() {
        if case .handled = progress { progress = nil }
    }

    /// The POST in progress lost its connection, and so did its repeats.
    /// - Parameter deadline: until when its repeat is awaited.
    /// - Returns: whether it may be repeated; nil when none was in progress.
    mutating func abandon(awaitingRepeatUntil deadline: ContinuousClock.Instant) -> Bool? {
        defer { progress = nil }
        switch progress {
        case nil:
            return nil
        case .receiving(let stamp?) where mayBeRepeat(stamp) && awaited?.stamp != stamp:
            // A late copy: its client had its answer and has gone on.
            return true
        case .receiving(let stamp), .handled(let stamp):
            awaited = stamp.map { ($0, deadline) }
            return stamp != nil
        }
    }

    /// The POST whose body was coming does not count any more.
    mutating func forgetUnfinished() {
        if case .receiving = progress { progress = nil }
        awaited = nil
    }
}
