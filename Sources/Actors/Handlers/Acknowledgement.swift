import Synchronization

/// The answer to one event. It may be kept and given after the handler has returned; only the first answer counts.
public final class Acknowledgement: Sendable {
    private let socket: Socket
    private let id: UInt64
    private let isUsed = Atomic<Bool>(false)

    init(to id: UInt64, of socket: Socket) {
        self.id = id
        self.socket = socket
    }

    /// Sends the answer, from any thread. It leaves behind what the socket has done before.
    public func callAsFunction(_ arguments: Arguments = []) {
        guard !isUsed.exchange(true, ordering: .relaxed) else { return }
        let id = id
        socket.run { $0.acknowledge(id, arguments) }
    }

    /// Sends the answer ahead of what the socket holds back. Called on the loop.
    func sendNow(_ arguments: Arguments) {
        guard !isUsed.exchange(true, ordering: .relaxed) else { return }
        socket.assumeIsolated { [id] in $0.acknowledgeNow(id, arguments) }
    }
}
