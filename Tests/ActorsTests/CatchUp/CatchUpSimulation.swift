import Persistence
import Transport

@testable import Actors

/// One reader of stored messages, its worker's view of the stream, and the store behind both.
struct CatchUpSimulation {
    private(set) var stored: [Int64] = []
    private(set) var delivered: [Int64] = []
    private var feed = MessageFeed(ringCapacity: 1 << 20)
    private var catchUp: CatchUp
    private var isSubscribed = false
    /// Whether another reader makes the messages flow to this worker before the subscription does.
    private let flowsAnyway: Bool
    private var hasRoom = true
    private var openRead: (after: Int64, through: Int64)?

    var isLive: Bool { catchUp.isLive }

    init(start: Int64, flowsAnyway: Bool) {
        catchUp = CatchUp(start: start)
        self.flowsAnyway = flowsAnyway
    }

    /// The store commits some messages and the hub publishes them.
    mutating func publish(_ ids: [Int64], leavesReaderSlow: Bool) {
        stored += ids
        guard isSubscribed || flowsAnyway else { return }
        for id in ids { feed.gather(StoredMessage(id: id, content: []), position: 0) }
        guard let run = feed.finish(), catchUp.isLive else { return }
        // `42["","",ID]`
        delivered += run.frames(.plain).texts.compactMap { Int64($0.dropFirst(9).dropLast()) }
        if leavesReaderSlow {
            catchUp.leaveLive(last: feed.applied)
            hasRoom = false
        }
    }

    mutating func subscribe() {
        guard !isSubscribed else { return }
        isSubscribed = true
        feed.flows(from: stored.last ?? 0)
        _ = catchUp.subscribed(highest: stored.last ?? 0)
        advance()
    }

    mutating func drain() {
        hasRoom = true
        advance()
    }

    /// The open read ends.
    /// - Parameter count: how many messages the page has room for; nil when it cannot be read.
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
        while case .read(let after, let through) = catchUp.next(applied: feed.applied, hasRoom: hasRoom) {
            guard let messages = feed.ring.messages(after: after, limit: 150), let last = messages.last?.id else {
                openRead = (after, through)
                return
            }
            delivered += messages.map(\.id)
            catchUp.delivered(through: last, reachesEnd: last == through)
        }
    }
}
