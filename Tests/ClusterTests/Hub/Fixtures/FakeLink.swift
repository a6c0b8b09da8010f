import Actors
import Synchronization

@testable import Cluster

/// A hub's link that writes down what the hub sends.
final class FakeLink: HubLink {
    private let heard = Mutex<[String]>([])

    func send(_ events: [HubEvent]) {
        heard.withLock { $0 += events.words }
    }

    func drain() {}

    private let congestion = Mutex(false)

    var isCongested: Bool { congestion.withLock { $0 } }

    func setCongested(_ isCongested: Bool) { congestion.withLock { $0 = isCongested } }

    /// What was sent, from the start.
    var events: [String] { heard.withLock { $0 } }
}
