import Transport

/// Brings a worker's stream into pieces, without changing its order: what follows each other for the same sockets is
/// delivered together, and everything is delivered before whatever came behind it is applied.
package struct StreamGathering {
    /// Something to hand to sockets now.
    package enum Delivery {
        case events(EventRun)
        /// For those who follow live: every message up to `through` is in it or was delivered before.
        case messages(MessageRun, through: Int64)
    }

    package var feed: MessageFeed
    private let pieceLimit: Int
    /// The position applied last in the stream.
    package private(set) var appliedPosition: UInt64 = 0
    /// What the current batch of the stream has gathered for one audience.
    private var run: EventRun?

    /// - Parameter pieceLimit: pieces have about this many bytes, so that each client's limit is judged in time.
    package init(feed: MessageFeed, pieceLimit: Int) {
        self.feed = feed
        self.pieceLimit = pieceLimit
    }

    /// What has to be delivered before `event` is taken or applied.
    package mutating func due(before event: HubEvent) -> Delivery? {
        switch event {
        case .message: finishEvents()
        case .broadcast(let broadcast, _): run?.isFor(broadcast) == true ? nil : finish()
        default: finish()
        }
    }

    /// Takes a message or a broadcast into the current piece.
    /// - Returns: false, without any effect, for an event that is applied by itself; see ``pass(_:)``.
    package mutating func take(_ event: HubEvent) -> Bool {
        switch event {
        case .message(let message, let position):
            moveOn(to: position)
            feed.gather(message, position: position)
            return true
        case .broadcast(let broadcast, let position):
            moveOn(to: position)
            gather(broadcast, position: position)
            return true
        default:
            return false
        }
    }

    /// Moves on to an event that is applied by itself.
    package mutating func pass(_ event: HubEvent) {
        switch event {
        case .registered(_, let position):
            moveOn(to: position)
        case .claimed(_, .recovered(let session)):
            moveOn(to: session.position)
        case .subscribed(_, let lastPublished, _):
            // Also when its socket is gone by now: the messages that follow are those above this one all the same.
            feed.flows(from: lastPublished)
        default:
            break
        }
    }

    private mutating func moveOn(to position: UInt64) {
        appliedPosition = max(appliedPosition, position)
    }

    private mutating func gather(_ broadcast: Broadcast, position: UInt64) {
        if run == nil {
            run = EventRun(broadcast, position: position)
        } else {
            run?.append(broadcast, position: position)
        }
    }

    /// The current piece, if it is large enough to be delivered.
    package mutating func takeFull() -> Delivery? {
        let isFull = run.map { $0.byteCount > pieceLimit } ?? (feed.gatheredBytes > pieceLimit)
        return isFull ? finish() : nil
    }

    /// What is left at the end of a batch.
    package mutating func finish() -> Delivery? {
        finishEvents() ?? feed.finish().map { .messages($0, through: feed.applied) }
    }

    private mutating func finishEvents() -> Delivery? {
        guard let run else { return nil }
        self.run = nil
        return .events(run)
    }
}
