import Actors
import Persistence
import Synchronization
import Testing
import Transport

@testable import Cluster

/// A hub on its own loop, with a sender A and a reader B on one link.
final class HubOnLoop: Sendable {
    /// The reports for the operator, in words.
    final class Reports: Sendable {
        private let words = Mutex<[String]>([])

        var all: [String] { words.withLock { $0 } }

        func add(_ report: Hub.Report) {
            let text =
                switch report {
                case .groupFailed(let count, let error): "\(count) failed: \(error)"
                case .storeLost(let error): "lost: \(error)"
                case .pollFailed(let error): "poll failed: \(error)"
                case .pruningFailed(let error): "pruning failed: \(error)"
                case .messageFromFuture(let id): "message \(id) is from the future"
                case .contestedSession(let id): "contested: \(id.letter)"
                case .storeNotice(let notice): "\(notice)"
                case .backplane(let notice): "\(notice)"
                }
            words.withLock { $0.append(text) }
        }
    }

    let hub: Hub
    let store: FakeStore
    let reports = Reports()
    let loop: EventLoop
    let link = FakeLink()
    private let worker: Incarnation

    init(_ store: FakeStore = FakeStore()) async throws {
        loop = try EventLoop.start(name: "hub")
        self.store = store
        hub = Hub(loop: loop, store: store) { [reports] in reports.add($0) }
        worker = await hub.attach(link)
        await hub.receive([try .register("A"), try .register("B"), try .subscribe("B")], from: worker)
    }

    deinit {
        store.release()
        loop.stop()
    }

    /// The events that the link received after the registrations and the subscription.
    var events: [String] { Array(link.events.dropFirst(3)) }

    func receive(_ requests: HubRequest...) async {
        await hub.receive(requests, from: worker)
    }
}
