import Synchronization

/// The answer to one event. A handler may keep this object and call it after returning. Only the first call counts.
public final class Acknowledgement: Sendable {
    private let socket: Socket
    private let id: UInt64
    private let isUsed = Atomic<Bool>(false)

    init(to id: UInt64, of socket: Socket) {
        self.id = id
        self.socket = socket
    }

    /// Sends the answer after the effects of the socket's earlier calls. Callable from any thread.
    /// - Parameter arguments: The arguments of the acknowledgement.
    public func callAsFunction(_ arguments: Arguments = []) {
        guard !isUsed.exchange(true, ordering: .relaxed) else { return }
        let id = id
        socket.run { $0.acknowledge(id, arguments) }
    }

    /// Sends the answer before anything that the socket's outbox holds. Called on the loop.
    func sendNow(_ arguments: Arguments) {
        guard !isUsed.exchange(true, ordering: .relaxed) else { return }
        socket.assumeIsolated { [id] in $0.acknowledgeNow(id, arguments) }
    }
}
