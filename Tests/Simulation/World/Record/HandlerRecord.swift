import Actors
import Transport

/// Which handlers run.
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
        record.require(isAlone, .handlersAreSerial, "two handlers run for \(socket.id)")
    }

    func ended(for socket: Socket) {
        running.remove(key(of: socket))
    }

    private func key(of socket: Socket) -> Key {
        Key(id: socket.key.id, ownerEpoch: socket.key.ownerEpoch)
    }
}
