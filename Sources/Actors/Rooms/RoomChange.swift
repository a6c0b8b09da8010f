import Synchronization
import Transport

/// A change of the rooms of a namespace on one worker. A room exists while it has members on the worker. Every socket
/// is also a member of the room named after its id.
public enum RoomChange: Sendable, Equatable {
    /// The room has its first member, which joins next.
    case created(String)
    /// The last member has left the room.
    case deleted(String)
    /// The socket with this id has joined the room.
    case joined(String, SessionID)
    /// The socket with this id has left the room.
    case left(String, SessionID)
}

/// The handlers of the room changes of a namespace.
final class RoomHandlers: Sendable {
    typealias Handler = @Sendable (RoomChange) -> Void

    private let handlers = Mutex<[(token: HandlerToken, call: Handler)]>([])
    private let count = Atomic<Int>(0)

    /// Read at each change of a room, so it takes no lock.
    var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }

    func add(_ handler: @escaping Handler) -> HandlerToken {
        let token = HandlerToken()
        change { $0.append((token, handler)) }
        return token
    }

    func remove(_ token: HandlerToken) {
        change { $0.removeAll { $0.token == token } }
    }

    private func change(_ change: (inout [(token: HandlerToken, call: Handler)]) -> Void) {
        let previous = handlers.withLock { handlers in
            let previous = handlers
            change(&handlers)
            count.store(handlers.count, ordering: .relaxed)
            return previous
        }
        // Release removed handlers outside the lock, because their deinitializers may run any code.
        withExtendedLifetime(previous) {}
    }

    func call(_ change: RoomChange) {
        for handler in handlers.withLock({ $0 }) { handler.call(change) }
    }
}
