import Actors
import Transport

@testable import Cluster

/// A simple model of the hub that searches lists. It records the events for each worker as short descriptions.
struct HubModel {
    private struct Session {
        let key: SessionKey
        let namespace: String
        let worker: Int
        var rooms: [String] = []
        var isSubscribed = false

        mutating func join(_ room: String) {
            if !rooms.contains(room) { rooms.append(room) }
        }

        func isAddressed(by value: some Addressed) -> Bool {
            guard value.namespace == namespace else { return false }
            return value.rooms.isEmpty || value.rooms.contains(where: isIn)
        }

        func isSelected(by selection: SocketSelection) -> Bool {
            isAddressed(by: selection) && !selection.exceptions.contains(where: isIn)
        }

        private func isIn(_ room: String) -> Bool { room == key.id.description || rooms.contains(room) }
    }

    private struct Request {
        let key: SessionKey
        let worker: Int
        let text: String
    }

    private(set) var streams = [[String]](repeating: [], count: HubStep.workers)
    private var sessions: [Session] = []
    private var position = 0
    private var lastPublished: Int64 = 0
    private var gathering: [Request] = []
    private var committing: [Request] = []
    private var inquiries: [HubModelInquiry] = []
    private var lastInquiry: UInt64 = 0

    mutating func perform(_ step: HubStep) {
        switch step {
        case .receive(let requests, let worker): for request in requests { receive(request, worker) }
        case .nextGroup: if committing.isEmpty { (committing, gathering) = (Self.inTurns(gathering), []) }
        case .commit(let pattern): commit(pattern)
        case .fail: finish(committing.map { _ in "failed" })
        case .publish(let gaps): for gap in gaps { publish(lastPublished + gap, "foreign") }
        case .restart(let worker): restart(worker)
        }
    }

    private func index(_ key: SessionKey, _ worker: Int) -> Int? {
        sessions.firstIndex { $0.key == key && $0.worker == worker }
    }

    private mutating func receive(_ request: HubRequest, _ worker: Int) {
        switch request {
        case .register(let registration):
            let (key, namespace) = (registration.key, registration.namespace)
            guard !sessions.contains(where: { $0.key.id == key.id }) else { return }
            sessions.append(Session(key: key, namespace: namespace, worker: worker))
            streams[worker].append("\(key.id.letter) registered @\(position)")
        case .unregister(let key, _):
            if let index = index(key, worker) { sessions.remove(at: index) }
        case .join(let key, let room):
            guard let index = index(key, worker) else { return }
            sessions[index].join(room)
            streams[worker].append("\(key.id.letter) joined \(room)")
        case .leave(let key, let room):
            guard let index = index(key, worker) else { return }
            sessions[index].rooms.removeAll { $0 == room }
            streams[worker].append("\(key.id.letter) left \(room)")
        case .emit(let broadcast, let sender):
            emit(broadcast, sender, worker)
        case .store(let key, let draft):
            guard index(key, worker) != nil else { return streams[worker].append("\(key.id.letter) stored: failed") }
            gathering.append(Request(key: key, worker: worker, text: String(decoding: draft.content, as: UTF8.self)))
        case .subscribe(let key):
            guard let index = index(key, worker) else { return }
            sessions[index].isSubscribed = true
            streams[worker].append("\(key.id.letter) subscribed from \(lastPublished), highest \(lastPublished)")
        case .change(let selection, let change, let sender):
            self.change(selection, change, sender, worker)
        case .fetch(let fetch, let sender):
            let found = sessions.filter { $0.isSelected(by: fetch.selection) }.sorted { $0.key.id < $1.key.id }
            let words = found.map { "\($0.key.id.letter)(\($0.rooms.sorted().joined(separator: ",")))" }
            let by = sender.map { " by \($0.id.letter)" } ?? ""
            streams[worker].append((["\(fetch.number) fetched\(by)"] + words).joined(separator: " "))
        case .inquire(let inquiry, let sender): inquire(inquiry, sender, worker)
        case .dismiss(let number):
            guard let index = inquiries.firstIndex(where: { $0.asker == worker && $0.number == number }) else { return }
            append(inquiries.remove(at: index).dismissal)
        case .answer(let report):
            guard let index = inquiries.firstIndex(where: { $0.id == report.number }) else { return }
            append(inquiries[index].answer(report, from: worker))
            inquiries.removeAll { $0.hasEnded }
        case .emitToServers(let event):
            for other in 0..<HubStep.workers where other != worker {
                streams[other].append("server event \(event.name)")
            }
        case .claim, .setData, .countWorkers, .open, .reportUse:
            break
        }
    }

    private mutating func change(
        _ selection: SocketSelection, _ change: SocketChange, _ sender: SessionKey?, _ worker: Int
    ) {
        defer { if let sender { streams[worker].append("\(sender.id.letter) carried out") } }
        if let sender, index(sender, worker) == nil { return }
        for receiver in 0..<HubStep.workers
        where sessions.contains(where: { $0.worker == receiver && $0.isAddressed(by: selection) }) {
            streams[receiver].append("\(selection.words) \(change.words)")
        }
        let selected = Set(sessions.filter { $0.isSelected(by: selection) }.map(\.key))
        for index in sessions.indices where selected.contains(sessions[index].key) {
            switch change {
            case .join(let rooms): for room in rooms { sessions[index].join(room) }
            case .leave(let rooms): sessions[index].rooms.removeAll { rooms.contains($0) }
            case .disconnect: break
            }
        }
        if case .disconnect = change { sessions.removeAll { selected.contains($0.key) } }
    }

    private mutating func emit(_ broadcast: Broadcast, _ sender: SessionKey?, _ worker: Int) {
        defer { if let sender { streams[worker].append("\(sender.id.letter) emitted") } }
        if let sender, index(sender, worker) == nil { return }
        position += 1
        let text = String(decoding: broadcast.event.text, as: UTF8.self)
        for receiver in 0..<HubStep.workers
        where sessions.contains(where: { $0.worker == receiver && $0.isAddressed(by: broadcast) }) {
            streams[receiver].append("event \(text) @\(position)")
        }
    }

    private mutating func inquire(_ inquiry: Inquiry, _ sender: SessionKey?, _ worker: Int) {
        if let sender, index(sender, worker) == nil {
            return streams[worker].append("answers to \(inquiry.number): dropped")
        }
        let asked = (0..<HubStep.workers).filter { other in
            switch inquiry.target {
            case .clients(let broadcast): sessions.contains { $0.worker == other && $0.isAddressed(by: broadcast) }
            case .servers: other != worker
            }
        }
        guard !asked.isEmpty else { return streams[worker].append("answers to \(inquiry.number): complete") }
        lastInquiry += 1
        inquiries.append(HubModelInquiry(inquiry, id: lastInquiry, asker: worker, asked: asked))
        for other in asked { streams[other].append(HubEvent.inquired(lastInquiry, inquiry.target).words) }
    }

    private mutating func append(_ events: [(worker: Int, words: String)]) {
        for (worker, words) in events { streams[worker].append(words) }
    }

    private mutating func publish(_ id: Int64, _ text: String) {
        lastPublished = id
        for worker in 0..<HubStep.workers where sessions.contains(where: { $0.worker == worker && $0.isSubscribed }) {
            streams[worker].append("message \(id) \(text)")
        }
    }

    private mutating func commit(_ pattern: [Int64]) {
        var results: [String] = []
        for (index, request) in committing.enumerated() {
            let gap = pattern[index % pattern.count]
            if gap > 0 { publish(lastPublished + gap, request.text) }
            results.append("\(lastPublished)")
        }
        finish(results)
    }

    private mutating func finish(_ results: [String]) {
        for (request, result) in zip(committing, results) where request.worker >= 0 {
            streams[request.worker].append("\(request.key.id.letter) stored: \(result)")
        }
        committing = []
    }

    private mutating func restart(_ worker: Int) {
        sessions.removeAll { $0.worker == worker }
        for inquiry in inquiries where inquiry.asker == worker {
            append(inquiry.dismissal.filter { $0.worker != worker })
        }
        inquiries.removeAll { $0.asker == worker }
        for index in inquiries.indices { append(inquiries[index].workerEnded(worker)) }
        inquiries.removeAll { $0.hasEnded }
        // Messages in flight from the previous process belong to no session of the new one.
        gathering = gathering.map { $0.worker == worker ? Request(key: $0.key, worker: -1, text: $0.text) : $0 }
        committing = committing.map { $0.worker == worker ? Request(key: $0.key, worker: -1, text: $0.text) : $0 }
    }

    /// The order of a group: the first message of each session, then the second of each, and so on; in each round the
    /// sessions in the order of their first messages.
    private static func inTurns(_ requests: [Request]) -> [Request] {
        var sessions: [[Request]] = []
        for request in requests {
            if let index = sessions.firstIndex(where: { $0[0].key.id == request.key.id }) {
                sessions[index].append(request)
            } else {
                sessions.append([request])
            }
        }
        let rounds = sessions.map(\.count).max() ?? 0
        return (0..<rounds).flatMap { round in sessions.compactMap { $0.dropFirst(round).first } }
    }
}
