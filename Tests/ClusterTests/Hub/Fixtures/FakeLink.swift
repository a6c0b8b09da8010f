import Actors
import Synchronization

@testable import Cluster

/// A hub's link that records the events that the hub sends.
final class FakeLink: HubLink {
    private let sent = Mutex<[String]>([])

    func send(_ events: [HubEvent]) {
        sent.withLock { $0 += events.words }
    }

    func drain() -> Bool { true }

    private let congestion = Mutex(false)

    var isCongested: Bool { congestion.withLock { $0 } }

    func setCongested(_ isCongested: Bool) { congestion.withLock { $0 = isCongested } }

    /// All events that were sent, in words.
    var events: [String] { sent.withLock { $0 } }
}
