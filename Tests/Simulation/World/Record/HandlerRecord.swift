import Actors
import Transport

/// The handlers that are running now. Checks that a socket's handlers run one at a time.
final class HandlerRecord {
    private struct Key: Hashable {
        let id: SessionID
        let ownerEpoch: UInt32
    }

    private let record: Record
    private var running: Set<Key> = []

    init(_ record: Record) {
        self.record = record
    }

    func began(for socket: Socket) {
        let isAlone = running.insert(key(of: socket)).inserted
        record.require(isAlone, .handlersAreSerial, "two handlers of \(socket.id) run at the same time")
    }

    func ended(for socket: Socket) {
        running.remove(key(of: socket))
    }

    private func key(of socket: Socket) -> Key {
        Key(id: socket.key.id, ownerEpoch: socket.key.ownerEpoch)
    }
}
