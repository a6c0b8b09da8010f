import Synchronization
import Transport

/// A namespace: a set of sockets with handlers of their own. It may be set up and used from any thread.
public final class Namespace: Sendable {
    struct Handlers: Sendable {
        var middleware: [Middleware] = []
        var connection: Handler<Void>?
        var disconnect: Handler<DisconnectReason>?
        var events: [String: Handler<Event>] = [:]
        /// The name under which stored messages are given to clients; nil where none are.
        var messageEvent: String?
        /// What a client is to them.
        var messageProfile: @Sendable (Handshake) -> MessageProfile = { _ in MessageProfile() }
    }

    enum Middleware: Sendable {
        case synchronous(@Sendable (isolated Socket) throws(ConnectError) -> Void)
        case asynchronous(@Sendable (isolated Socket) async throws(ConnectError) -> Void)
    }

    /// The name, `/` for the main namespace.
    public let name: String
    /// The worker keeps its namespaces, and not the other way round.
    private weak let worker: Worker?
    private let state = Mutex(Handlers())

    init(name: String, worker: Worker) {
        self.name = name
        self.worker = worker
    }

    var handlers: Handlers { state.withLock { $0 } }

    func handler(of event: String) -> Handler<Event>? {
        state.withLock { $0.events[event] }
    }

    // MARK: Handlers

    /// Calls `handler` with each socket that connects, before anything the client sends.
    public func onConnection(_ handler: @escaping @Sendable (isolated Socket) throws -> Void) {
        state.withLock { $0.connection = .synchronous { socket, _ in try handler(socket) } }
    }

    /// Calls `handler` with each socket that connects; events wait until it has returned.
    ///
    /// What it awaits runs on the server's loop as well, plain actors and nonisolated functions included, unless it has an
    /// executor of its own. Long work, such as hashing a password, belongs into
    /// `withTaskExecutorPreference(globalConcurrentExecutor) { }`: every client of the worker waits for it otherwise.
    public func onConnection(_ handler: @escaping @Sendable (isolated Socket) async throws -> Void) {
        state.withLock { $0.connection = .asynchronous { socket, _ in try await handler(socket) } }
    }

    /// Calls `handler` for each event of this name, on every socket of the namespace.
    public func on(_ event: String, _ handler: @escaping @Sendable (isolated Socket, Event) throws -> Void) {
        state.withLock { $0.events[event] = .synchronous(handler) }
    }

    /// Calls `handler` for each event of this name; the socket's next handler starts when it has returned. What it awaits
    /// runs on the server's loop, as with the asynchronous ``onConnection(_:)``.
    public func on(_ event: String, _ handler: @escaping @Sendable (isolated Socket, Event) async throws -> Void) {
        state.withLock { $0.events[event] = .asynchronous(handler) }
    }

    /// Calls `handler` when a socket is gone. Its rooms can still be read then.
    public func onDisconnect(_ handler: @escaping @Sendable (isolated Socket, DisconnectReason) throws -> Void) {
        state.withLock { $0.disconnect = .synchronous(handler) }
    }

    /// Adds a check that each socket passes before it is connected, in the order of the calls.
    /// - Parameter check: throws ``ConnectError`` to refuse the client.
    public func use(_ check: @escaping @Sendable (isolated Socket) throws(ConnectError) -> Void) {
        state.withLock { $0.middleware.append(.synchronous(check)) }
    }

    /// Adds a check that may wait. What it awaits runs on the server's loop, as with the asynchronous ``onConnection(_:)``.
    public func use(_ check: @escaping @Sendable (isolated Socket) async throws(ConnectError) -> Void) {
        state.withLock { $0.middleware.append(.asynchronous(check)) }
    }

    /// Makes this the namespace of the stored messages: each is given to every socket as this event, with the text
    /// and the message's id as arguments. A socket that connects first gets the messages above the `serverOffset` of
    /// its `auth`, or as many of the last ones as its `latest` says.
    /// - Parameter profile: says of each client that connects in which form it gets messages, and who it is; without it all
    ///   get the plain form. Called on the loop.
    public func storesMessages(
        as event: String, profile: @escaping @Sendable (Handshake) -> MessageProfile = { _ in MessageProfile() }
    ) {
        precondition(!ReservedEventNames.contains(event), "the event name \(event) is reserved")
        state.withLock {
            $0.messageEvent = event
            $0.messageProfile = profile
        }
        worker?.namespaces.setMessageNamespace(self)
    }

    // MARK: Emitting

    /// Everyone in the namespace, on every worker.
    public var everyone: Audience {
        Audience(worker: worker, namespace: name, rooms: [], exceptions: [], sender: nil, isVolatile: false)
    }

    /// The members of some rooms, on every worker.
    public func to(_ rooms: String...) -> Audience {
        var audience = everyone
        audience.rooms = rooms
        return audience
    }

    /// Sends an event to everyone in the namespace.
    public func emit(_ event: String, _ arguments: Arguments = []) {
        everyone.emit(event, arguments)
    }
}
