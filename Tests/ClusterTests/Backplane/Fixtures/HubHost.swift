import Actors
import Transport

@testable import Cluster

/// A hub with one worker, at a broker.
struct HubHost: Sendable {
    let hub: Hub
    let backplane: MemoryBackplane
    let link = FakeLink()
    let worker: Incarnation

    init(
        on loop: EventLoop, _ broker: MemoryBroker, store: FakeStore? = nil, epoch: String? = nil,
        carriesHostMessages: Bool = true, outage: OutagePolicy = .local,
        recovery: RecoveryOptions = RecoveryOptions()
    ) async {
        backplane = broker.makeBackplane(carriesHostMessages: carriesHostMessages, outage: outage)
        hub = Hub(loop: loop, store: store, epoch: epoch, recovery: recovery, backplane: backplane, observer: nil) {
            _ in
        }
        await hub.start()
        worker = await hub.attach(link)
    }

    func receive(_ requests: HubRequest...) async {
        await hub.receive(requests, from: worker)
    }

    /// The events for the worker, without the answers to registrations and the news that claims wait.
    var events: [String] { link.events.filter { !$0.contains("registered") && !$0.hasPrefix("claim ") } }
    /// The numbers of the claims that wait for other hosts.
    var delayedClaims: [String] { link.events.filter { $0.hasPrefix("claim ") } }

    /// The offset of a client at a position of an epoch; nil for this hub's.
    func offset(at position: UInt64, epoch: String?) -> String {
        var text: [UInt8] = []
        Offset(epoch: epoch ?? hub.terms.epoch(at: position), position: position, row: nil).append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

extension HostMessage {
    /// For example `ask 1`, with the number of questions.
    var words: String {
        switch content {
        case .ask(let questions): "ask \(questions.count)"
        case .cut(let names): "cut \(names.count)"
        case .give(_, let session): "give \(session.id.letter)"
        case .none(let names, _, let keeps): "\(keeps ? "kept" : "none") \(names.count)"
        }
    }
}
