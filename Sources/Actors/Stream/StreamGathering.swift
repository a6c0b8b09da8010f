import Transport

/// Groups a worker's stream into pieces without changing its order. Consecutive events with the same audience are
/// delivered together, and each piece is delivered before any later event is applied.
struct StreamGathering {
    /// A piece to deliver to sockets now.
    enum Delivery {
        case events(EventRun)
        /// A run for the live followers. Every message up to the id `through` is in the run or was delivered before.
        case messages(MessageRun, through: Int64)
    }

    var feed: MessageFeed
    private let pieceLimit: Int
    /// The last applied position in the stream.
    private(set) var appliedPosition: UInt64 = 0
    /// The events gathered so far from the current batch, for one audience.
    private var run: EventRun?

    /// - Parameters:
    ///   - feed: The stored messages.
    ///   - pieceLimit: The approximate maximum size of a piece in bytes. Each client's limit is checked only between
    ///     pieces, so a piece must be small.
    init(feed: MessageFeed, pieceLimit: Int) {
        self.feed = feed
        self.pieceLimit = pieceLimit
    }

    /// The piece to deliver before `event` is gathered or applied.
    mutating func due(before event: HubEvent) -> Delivery? {
        switch event {
        case .message: finishEvents()
        case .broadcast(let broadcast, _): run?.isFor(broadcast) == true ? nil : finish()
        default: finish()
        }
    }

    /// Adds a message or a broadcast to the current piece.
    /// - Returns: False, without any effect, for any other event. Apply it individually; see ``advance(past:)``.
    mutating func gather(_ event: HubEvent) -> Bool {
        switch event {
        case .message(let message, let position):
            advance(to: position)
            feed.gather(message, position: position)
            return true
        case .broadcast(let broadcast, let position):
            advance(to: position)
            append(broadcast, position: position)
            return true
        default:
            return false
        }
    }

    /// Updates the position for an event that is applied individually.
    mutating func advance(past event: HubEvent) {
        switch event {
        case .registered(_, let position):
            advance(to: position)
        case .claimed(_, .recovered(let session)):
            advance(to: session.position)
        case .subscribed(_, let lastPublished, _):
            // Even if the socket is gone: the stream now carries every message above `lastPublished`.
            feed.subscribed(lastPublished: lastPublished)
        case .deleted(let deleted):
            feed.delete(deleted)
        default:
            break
        }
    }

    private mutating func advance(to position: UInt64) {
        appliedPosition = max(appliedPosition, position)
    }

    private mutating func append(_ broadcast: Broadcast, position: UInt64) {
        if run == nil {
            run = EventRun(broadcast, position: position)
        } else {
            run?.append(broadcast, position: position)
        }
    }

    /// Finishes the current piece if it exceeds the limit.
    mutating func finishIfFull() -> Delivery? {
        let isFull = run.map { $0.byteCount > pieceLimit } ?? (feed.gatheredBytes > pieceLimit)
        return isFull ? finish() : nil
    }

    /// Finishes the current piece, for example at the end of a batch.
    mutating func finish() -> Delivery? {
        finishEvents() ?? feed.finish().map { .messages($0, through: feed.applied) }
    }

    private mutating func finishEvents() -> Delivery? {
        guard let run else { return nil }
        self.run = nil
        return .events(run)
    }
}
