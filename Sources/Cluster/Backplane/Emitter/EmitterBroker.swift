import Transport

/// A kind of broker at which an ``Emitter`` publishes.
protocol EmitterBroker: Sendable {
    associatedtype Server: Equatable & Sendable
    associatedtype Connection: EmitterConnection

    /// The servers in the order in which to try them.
    var servers: [Server] { get }

    /// The addresses of one of the servers.
    func addresses(
        of server: Server, on loop: EventLoop, isolation: isolated (any Actor)?
    ) async throws -> [SocketAddress]

    /// Begins to connect.
    /// - Parameter handle: called with each event.
    /// - Throws: ``SystemError`` if the attempt fails at once.
    func connect(
        to address: SocketAddress, of server: Server, on loop: EventLoop,
        handle: @escaping (EmitterConnectionEvent) -> Void
    ) throws(SystemError) -> Connection

    /// The form in which a message is sent.
    /// - Throws: ``EmitterError/invalidEvent(_:)`` if the broker, or the servers, would not accept it.
    func encode(_ message: BackplaneMessage) throws(EmitterError) -> Connection.Message
}

/// A connection to a broker, over which messages are published. Everything happens on the loop.
protocol EmitterConnection<Message>: AnyObject {
    associatedtype Message: OutboxMessage

    /// How many messages can be sent now.
    var room: Int { get }

    /// Sends a message, for which there is room.
    /// - Returns: the number to which its answer refers; nil after the end.
    func send(_ message: Message) -> UInt64?

    /// Closes at once, without an event.
    func close()
}

/// What happens on an ``EmitterConnection``.
enum EmitterConnectionEvent {
    /// Messages can be sent.
    case ready
    /// The broker has taken the message with this number, or has refused it for this reason.
    case answered(UInt64, EmitterError?)
    /// The connection cannot be used any more. No event follows. It is a refusal if the broker does not accept the
    /// user, so that another attempt would fail in the same way.
    case ended(reason: String, isRefusal: Bool)
}

extension EmitterBroker {
    /// Makes a publisher that stops the loop at its end.
    /// - Parameter timeout: how long a message waits for the broker.
    func makePublisher(timeout: Duration, on loop: EventLoop) -> any EventPublisher {
        BrokerPublisher(self, timeout: timeout, on: loop, ownsLoop: true)
    }
}
