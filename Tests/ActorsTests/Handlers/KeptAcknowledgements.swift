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

    /// To be called at the end: they keep their sockets, these the handlers, and the handlers this.
    func removeAll() {
        let all = kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
        // Freed here, outside of the lock.
        _ = all
    }
}
