import Synchronization
import Transport

/// Passes adopted connections to a server. They wait until the server accepts clients.
final class Adoptions: Sendable {
    /// The number and size of the connections that may wait.
    static let maxWaiting = 1024
    static let maxWaitingBytes = 16 << 20

    private enum Phase {
        case waiting([AdoptedSocket])
        case serving(Endpoint)
        case closed
    }

    private let phase = Mutex(Phase.waiting([]))

    func add(_ socket: AdoptedSocket) throws(AdoptionError) {
        let endpoint: Endpoint? = try phase.withLock { phase throws(AdoptionError) in
            switch phase {
            case .waiting(let sockets):
                let size = sockets.reduce(socket.received.count) { $0 + $1.received.count }
                guard sockets.count < Self.maxWaiting, size <= Self.maxWaitingBytes else { throw .tooManyWaiting }
                phase = .waiting(sockets + [socket])
                return nil
            case .serving(let endpoint): return endpoint
            case .closed: throw .serverClosed
            }
        }
        endpoint?.run { $0.adopt(socket) }
    }

    /// Passes on the waiting connections and, from now on, each new one.
    func begin(at endpoint: Endpoint) {
        let waiting: [AdoptedSocket] = phase.withLock { phase in
            switch phase {
            case .waiting(let sockets):
                phase = .serving(endpoint)
                return sockets
            case .serving, .closed: return []
            }
        }
        for socket in waiting { endpoint.run { $0.adopt(socket) } }
    }

    /// Refuses new connections and closes those that wait.
    func close() {
        // Release the sockets, which closes them, after the lock.
        let closed = phase.withLock { phase in
            defer { phase = .closed }
            return phase
        }
        withExtendedLifetime(closed) {}
    }
}
