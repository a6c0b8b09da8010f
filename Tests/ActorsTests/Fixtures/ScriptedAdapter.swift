import Persistence
import Synchronization
import Testing
import Transport

@testable import Actors

/// An adapter without a hub. It records the worker's requests, and a test sends the events of the stream.
actor ScriptedAdapter: Adapter {
    private struct State {
        var batches: [[HubRequest]] = []
        /// Weak, because the worker retains its adapter.
        weak var receiver: (any StreamReceiver)?
    }

    private nonisolated let loop: EventLoop
    private nonisolated let state = Mutex(State())
    /// The scripted history.
    nonisolated let pages = ScriptedHistory()

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

    /// A summary of the requests of each turn.
    nonisolated var batches: [[String]] { state.withLock { $0.batches }.map { $0.map(\.summary) } }

    /// The ids of the sockets that asked to be registered, in order.
    nonisolated var registered: [SessionID] {
        state.withLock { $0.batches }.flatMap { $0 }.compactMap { request in
            if case .register(let registration) = request { registration.key.id } else { nil }
        }
    }

    /// Waits for a socket's registration request.
    /// - Parameter number: The number of earlier registrations.
    nonisolated func nextSocket(_ number: Int = 0) async throws -> SessionID {
        try await eventually { self.registered.count > number }
        return registered[number]
    }

    /// Sends events of the stream to the worker.
    func send(_ events: HubEvent...) {
        state.withLock { $0.receiver }?.receive(events)
    }
}

/// A history that records the requested pages and returns the pages that a test provides.
final class ScriptedHistory: History {
    private struct State {
        var requests: [String] = []
        var pages: [HistoryPage] = []
    }

    private let state = Mutex(State())

    /// The requests for pages and starts, in order.
    var requests: [String] { state.withLock { $0.requests } }

    /// Provides the page for the next request that has none yet. Without one, a request returns an empty page.
    func provide(_ page: HistoryPage) { state.withLock { $0.pages.append(page) } }

    func page(after: Int64, through: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        state.withLock { state in
            state.requests.append("(\(after), \(through)]")
            return state.pages.isEmpty ? HistoryPage(messages: [], reachesEnd: true) : state.pages.removeFirst()
        }
    }

    func page(before: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        state.withLock { state in
            state.requests.append("before \(before)")
            return state.pages.isEmpty ? HistoryPage(messages: [], reachesEnd: true) : state.pages.removeFirst()
        }
    }

    func start(ofLatest count: Int, through: Int64) async throws(StoreError) -> Int64 {
        state.withLock { state in
            state.requests.append("latest \(count) through \(through)")
            return through - Int64(count)
        }
    }
}

extension HubRequest {
    /// A summary of the request without ids.
    var summary: String {
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
        case .change(_, let change, let sender): "change \(change)\(sender == nil ? "" : " as sender")"
        case .fetch(let fetch, let sender): "fetch \(fetch.number)\(sender == nil ? "" : " as sender")"
        case .countWorkers(let number): "count workers \(number)"
        case .inquire(let inquiry, let sender): "inquire \(inquiry.number)\(sender == nil ? "" : " as sender")"
        case .dismiss(let number): "dismiss \(number)"
        case .answer(let report): "answer \(report.number): \(report.summary)"
        case .emitToServers(let event):
            "emit \(event.name)(\(String(decoding: event.arguments.text, as: UTF8.self))) to servers"
        case .open(let namespace): "open \(namespace)"
        case .reportUse(let use): "\(use)"
        }
    }
}

extension InquiryReport {
    /// The answers and the state, for example `[1] [2] complete`.
    var summary: String {
        let answers = answers.map { answer in
            switch answer {
            case .arguments(let arguments): "[\(String(decoding: arguments.text, as: UTF8.self))]"
            case .failure(let reason): "failure: \(reason)"
            }
        }
        return (answers + ["\(state)"]).joined(separator: " ")
    }
}
