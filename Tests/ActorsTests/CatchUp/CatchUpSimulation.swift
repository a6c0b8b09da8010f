import Persistence
import Transport

@testable import Actors

/// A simulation of one reader of stored messages, its worker's message feed and the store.
struct CatchUpSimulation {
    private(set) var stored: [Int64] = []
    private(set) var delivered: [Int64] = []
    private var feed = MessageFeed(ringCapacity: 1 << 20)
    private var catchUp: CatchUp
    private var isSubscribed = false
    /// True if another reader has already subscribed this worker.
    private let hasOtherReader: Bool
    private var hasRoom = true
    private var isWithinRate = true
    private var isPaused = false
    private var openRead: (after: Int64, through: Int64)?

    var isLive: Bool { catchUp.isLive }

    init(start: Int64, hasOtherReader: Bool) {
        catchUp = CatchUp(start: start)
        self.hasOtherReader = hasOtherReader
    }

    /// Commits messages to the store and publishes them.
    mutating func publish(_ ids: [Int64], leavesReaderSlow: Bool) {
        stored += ids
        guard isSubscribed || hasOtherReader else { return }
        for id in ids { feed.gather(StoredMessage(id: id, content: []), position: 0) }
        guard let run = feed.finish(), catchUp.isLive else { return }
        // Each text has the form `42["","",ID]`.
        delivered += run.frames(.plain).texts.compactMap { Int64($0.dropFirst(9).dropLast()) }
        if leavesReaderSlow {
            catchUp.leaveLive(last: feed.applied)
            hasRoom = false
        }
    }

    mutating func subscribe() {
        guard !isSubscribed else { return }
        isSubscribed = true
        feed.subscribed(lastPublished: stored.last ?? 0)
        _ = catchUp.subscribed(highest: stored.last ?? 0)
        advance()
    }

    mutating func drain() {
        hasRoom = true
        advance()
    }

    /// The client uses up its rate of stored messages.
    /// - Parameter givesUpRead: True if an open read has not begun yet.
    mutating func exceedRate(givesUpRead: Bool) {
        isWithinRate = false
        guard givesUpRead, openRead != nil, catchUp.readsHistory else { return }
        openRead = nil
        catchUp.pause()
        isPaused = true
    }

    /// The rate allows the client to continue.
    mutating func allowRate() {
        isWithinRate = true
        guard isPaused else { return }
        isPaused = false
        catchUp.resume()
        advance()
    }

    /// Ends the open read.
    /// - Parameter count: The maximum number of messages in the page; nil if the read fails.
    mutating func finishRead(_ count: Int?) {
        guard let (after, through) = openRead else { return }
        openRead = nil
        if let count {
            let missed = stored.filter { $0 > after && $0 <= through }
            delivered += missed.prefix(count)
            catchUp.delivered(through: missed.prefix(count).last ?? after, reachesEnd: missed.count <= count)
        } else {
            catchUp.readFailed()
        }
        advance()
    }

    private mutating func advance() {
        while true {
            let step = catchUp.next(applied: feed.applied, hasRoom: hasRoom, isWithinRate: isWithinRate)
            isPaused = isPaused || step == .pause
            guard case .read(let after, let through) = step else { return }
            guard let messages = feed.ring.messages(after: after, limit: 150), let last = messages.last?.id else {
                openRead = (after, through)
                return
            }
            delivered += messages.map(\.id)
            catchUp.delivered(through: last, reachesEnd: last == through)
        }
    }
}
