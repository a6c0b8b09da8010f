import Synchronization

/// The answer to one event. A handler may keep this object and call it after returning. Only the first call counts.
public final class Acknowledgement: Sendable {
    private enum Recipient {
        case client(Socket, id: UInt64)
        case test(@Sendable (Arguments) -> Void)
    }

    private let recipient: Recipient
    private let isUsed = Atomic<Bool>(false)

    init(to id: UInt64, of socket: Socket) {
        recipient = .client(socket, id: id)
    }

    /// Creates an answer that goes to a closure, for unit tests of handlers.
    /// - Parameter receive: Called with the arguments of the first answer, on the thread that answers.
    public init(_ receive: @escaping @Sendable (Arguments) -> Void) {
        recipient = .test(receive)
    }

    /// Sends the answer after the effects of the socket's earlier calls. Callable from any thread.
    /// - Parameter arguments: The arguments of the acknowledgement.
    public func callAsFunction(_ arguments: Arguments = []) {
        guard !isUsed.exchange(true, ordering: .relaxed) else { return }
        switch recipient {
        case .client(let socket, let id): socket.run { $0.acknowledge(id, arguments) }
        case .test(let receive): receive(arguments)
        }
    }

    /// Sends the answer before anything that the socket's outbox holds. Called on the loop.
    func sendNow(_ arguments: Arguments) {
        guard !isUsed.exchange(true, ordering: .relaxed) else { return }
        switch recipient {
        case .client(let socket, let id): socket.assumeIsolated { $0.acknowledgeNow(id, arguments) }
        case .test(let receive): receive(arguments)
        }
    }
}
