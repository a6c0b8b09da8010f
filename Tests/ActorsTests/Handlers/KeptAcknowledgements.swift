import Actors
import Synchronization

/// Acknowledgements that handlers keep for later.
final class KeptAcknowledgements: Sendable {
    private let kept = Mutex<[Acknowledgement]>([])

    var all: [Acknowledgement] { kept.withLock { $0 } }

    func add(_ acknowledgement: Acknowledgement?) {
        guard let acknowledgement else { return }
        kept.withLock { $0.append(acknowledgement) }
    }
}
