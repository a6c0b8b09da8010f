import Persistence
import Synchronization
import Testing
import Transport

@testable import Actors

/// A hub that does nothing by itself: it writes down what the worker asks, and a test tells the worker what comes of
/// it.
actor PuppetAdapter: Adapter {
    private struct State {
        var batches: [[HubRequest]] = []
        /// Weak: the worker keeps its adapter.
        weak var receiver: (any StreamReceiver)?
    }

    private nonisolated let loop: EventLoop
    private nonisolated let state = Mutex(State())
    /// What is read from the store, and with what result.
    nonisolated let pages = PuppetHistory()

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    nonisolated let terms = HubTerms(epoch: "epoch", keepsSessions: false)
    nonisolated var history: (any History)? { pages }

    init(loop: EventLoop) {
        self.loop = loop
    }

    nonisolated func attach(_ receiver: any StreamReceiver) {
        state.withLock { $0.receiver = receiver }
    }

    nonisolated func submit(_ requests: [HubRequest]) {
        state.withLock { $0.batches.append(requests) }
    }

    /// The requests of each turn, in words.
    nonisolated var batches: [[String]] { state.withLock { $0.batches }.map { $0.map(\.words) } }

    /// The ids of the sockets that asked to be registered, in order.
    nonisolated var registered: [SessionID] {
        state.withLock { $0.batches }.flatMap { $0 }.compactMap { request in
            if case .register(let registration) = request { registration.key.id } else { nil }
        }
    }

    /// Waits for the next socket that asks to be registered.
    nonisolated func nextSocket(_ number: Int = 0) async throws -> SessionID {
        try await eventually { self.registered.count > number }
        return registered[number]
    }

    func tell(_ events: HubEvent...) {
        state.withLock { $0.receiver }?.receive(events)
    }
}

/// Stored messages as a test has them.
final class PuppetHistory: History {
    private struct State {
        var asked: [String] = []
        var answers: [HistoryPage] = []
    }

    private let state = Mutex(State())

    /// The intervals that were asked for.
    var asked: [String] { state.withLock { $0.asked } }

    /// The next page that is asked for without an answer is answered so.
    func answer(_ page: HistoryPage) { state.withLock { $0.answers.append(page) } }

    func page(after: Int64, through: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        state.withLock { state in
            state.asked.append("(\(after), \(through)]")
            return state.answers.isEmpty ? HistoryPage(messages: [], reachesEnd: true) : state.answers.removeFirst()
        }
    }

    func page(before: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        state.withLock { state in
            state.asked.append("before \(before)")
            return state.answers.isEmpty ? HistoryPage(messages: [], reachesEnd: true) : state.answers.removeFirst()
        }
    }

    func start(ofLatest count: Int, through: Int64) async throws(StoreError) -> Int64 {
        state.withLock { state in
            state.asked.append("latest \(count) through \(through)")
            return through - Int64(count)
        }
    }
}

extension HubRequest {
    /// The request in words, without ids.
    var words: String {
        switch self {
        case .register(let registration): "register in \(registration.namespace)"
        case .claim(let claim): "claim in \(claim.namespace)"
        case .setData(_, let data): "set data \(data)"
        case .unregister: "unregister"
        case .join(_, let room): "join \(room)"
        case .leave(_, let room): "leave \(room)"
        case .emit(let broadcast, let sender):
            "emit \(String(decoding: broadcast.event.text, as: UTF8.self))\(sender == nil ? "" : " as sender")"
        case .store(_, let draft): "store \(String(decoding: draft.content, as: UTF8.self))"
        case .subscribe: "subscribe"
        }
    }
}
