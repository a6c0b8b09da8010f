import Synchronization
import Transport

/// A namespace: a set of sockets with common handlers. It may be set up and used from any thread.
public final class Namespace: Sendable {
    struct Handlers: Sendable {
        var middleware: [Middleware] = []
        var connection: Handler<Void>?
        var disconnect: Handler<DisconnectReason>?
        var events: [String: Handler<Event>] = [:]
        /// The name of the event that carries stored messages; nil in a namespace without stored messages.
        var messageEvent: String?
        /// Determines a client's settings for stored messages.
        var messageProfile: @Sendable (Handshake) -> MessageProfile = { _ in MessageProfile() }
    }

    enum Middleware: Sendable {
        case synchronous(@Sendable (isolated Socket) throws(ConnectError) -> Void)
        case asynchronous(@Sendable (isolated Socket) async throws(ConnectError) -> Void)
    }

    /// The name, `/` for the main namespace.
    public let name: String
    /// Weak, because the worker retains its namespaces.
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

    /// Sets the handler of new sockets. It runs before the handler of any event from the socket.
    public func onConnection(_ handler: @escaping @Sendable (isolated Socket) throws -> Void) {
        state.withLock { $0.connection = .synchronous { socket, _ in try handler(socket) } }
    }

    /// Sets the handler of new sockets. The socket's events wait until the handler has returned.
    ///
    /// Code that the handler awaits, including plain actors and nonisolated functions, runs on the server's loop too,
    /// unless it has its own executor. Run long work, such as hashing a password, in
    /// `withTaskExecutorPreference(globalConcurrentExecutor) { }`; otherwise it blocks all clients of the worker.
    public func onConnection(_ handler: @escaping @Sendable (isolated Socket) async throws -> Void) {
        state.withLock { $0.connection = .asynchronous { socket, _ in try await handler(socket) } }
    }

    /// Sets the handler of events with this name, for every socket of the namespace.
    public func on(_ event: String, _ handler: @escaping @Sendable (isolated Socket, Event) throws -> Void) {
        state.withLock { $0.events[event] = .synchronous(handler) }
    }

    /// Sets the handler of events with this name. The socket's next handler starts after this one has returned. Code
    /// that the handler awaits runs on the server's loop, as with the asynchronous ``onConnection(_:)``.
    public func on(_ event: String, _ handler: @escaping @Sendable (isolated Socket, Event) async throws -> Void) {
        state.withLock { $0.events[event] = .asynchronous(handler) }
    }

    /// Sets the handler of disconnected sockets. It can still read the socket's rooms.
    public func onDisconnect(_ handler: @escaping @Sendable (isolated Socket, DisconnectReason) throws -> Void) {
        state.withLock { $0.disconnect = .synchronous(handler) }
    }

    /// Adds middleware. A socket must pass all checks, in the order in which they were added, before it connects with a
    /// new session. The checks do not run again for a session that the client resumes.
    /// - Parameter check: Throws ``ConnectError`` to reject the client.
    public func use(_ check: @escaping @Sendable (isolated Socket) throws(ConnectError) -> Void) {
        state.withLock { $0.middleware.append(.synchronous(check)) }
    }

    /// Adds asynchronous middleware. Code that `check` awaits runs on the server's loop, as with the asynchronous
    /// ``onConnection(_:)``.
    /// - Parameter check: Throws ``ConnectError`` to reject the client.
    public func use(_ check: @escaping @Sendable (isolated Socket) async throws(ConnectError) -> Void) {
        state.withLock { $0.middleware.append(.asynchronous(check)) }
    }

    /// Makes this the namespace of the stored messages. Every socket receives each message as an event with the text
    /// and the message's id as arguments. A new socket first receives the messages above the `serverOffset` in its
    /// `auth`, or as many of the latest messages as `latest` in its `auth` asks for.
    /// - Parameters:
    ///   - event: The name of the event, which must not be reserved.
    ///   - profile: Returns the message form and the author of a new client; called on the loop. By default all clients
    ///     get the plain form.
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

    /// All sockets in the namespace, on every worker.
    public var everyone: Audience {
        Audience(worker: worker, namespace: name, rooms: [], exceptions: [], sender: nil, isVolatile: false)
    }

    /// The members of some rooms, on every worker.
    public func to(_ rooms: String...) -> Audience {
        everyone.to(rooms)
    }

    /// Sends an event to all sockets in the namespace.
    public func emit(_ event: String, _ arguments: Arguments = []) {
        everyone.emit(event, arguments)
    }
}
