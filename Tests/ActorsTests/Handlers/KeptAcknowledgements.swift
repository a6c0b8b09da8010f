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

    /// Releases the acknowledgements at the end of a test. Otherwise they form a reference cycle: they retain their
    /// sockets, the sockets retain the handlers, and the handlers retain this object.
    func removeAll() {
        let all = kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
        // Release the acknowledgements outside of the lock.
        _ = all
    }
}
