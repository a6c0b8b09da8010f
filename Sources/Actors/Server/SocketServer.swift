import Persistence
import Synchronization
import Transport

/// Thrown when a server is started a second time, or after it was closed. Create a new server instead.
public struct AlreadyStarted: Error, Sendable, CustomStringConvertible {
    public var description: String { "the server was started or closed before" }
}

/// A Socket.IO server.
///
/// Set up namespaces, handlers and routes first, then start the server: with `run` of the module Cluster, or with
/// ``start(on:adapter:)`` and ``listen(on:)`` on a loop and an adapter of your own. All methods may be called from any
/// thread.
public final class SocketServer: Sendable {
    private enum Phase {
        /// The server is being set up. These steps are carried out when it starts.
        case setUp([@Sendable (isolated Endpoint) -> Void])
        case started(Endpoint)
        case closed
    }

    /// The options that the server was created with.
    public let options: ServerOptions
    /// Where a server that `run` starts keeps its messages; nil to keep none.
    public let database: MessageDatabase?
    let namespaces = NamespaceTable()
    package let report: @Sendable (ServerReport) -> Void
    let adoptions = Adoptions()
    package let sources = ServerSources()
    private let phase = Mutex(Phase.setUp([]))

    /// Creates a server. It does nothing until it is started.
    /// - Parameters:
    ///   - options: The server's options.
    ///   - database: Where a server that `run` starts keeps its messages; nil to keep none. The messages belong to the
    ///     namespace that calls ``Namespace/storesMessages(as:profile:)``.
    ///   - report: Called with events that concern the operator, on the loop. Only an event with a reserved name is
    ///     reported on the thread that emits it. By default the server writes the reports to standard error, at most
    ///     one line of each kind in ten seconds.
    public init(
        _ options: ServerOptions = ServerOptions(), database: MessageDatabase? = nil,
        report: (@Sendable (ServerReport) -> Void)? = nil
    ) {
        self.options = options
        self.database = database
        self.report = report ?? ReportOutput.standardError
    }

    /// The namespace with this name, created at the first call. Clients can join only namespaces that were created, or
    /// that a parent allows, such as ``of(matching:)``.
    /// - Parameter name: `/` or empty for the main namespace. The leading slash of another name is optional.
    public func of(_ name: String) -> Namespace {
        namespaces.of(name.hasPrefix("/") ? name : "/" + name)
    }

    // MARK: Routes

    /// Routes a path to an HTTP handler of the application. The path may be below Engine.IO's path.
    /// - Parameters:
    ///   - path: The path to serve.
    ///   - makeHandler: Creates the handler; called on the loop.
    public func route(_ path: String, _ makeHandler: @escaping @Sendable () -> any HTTPRequestHandler) {
        setUp { $0.route(path, makeHandler) }
    }

    /// Routes all paths without another route to an HTTP handler of the application.
    /// - Parameter makeHandler: Creates the handler; called on the loop.
    public func routeRest(_ makeHandler: @escaping @Sendable () -> any HTTPRequestHandler) {
        setUp { $0.routeRest(makeHandler) }
    }

    /// Carries out a step of the set-up: when the server starts, or now if it has started.
    func setUp(_ step: @escaping @Sendable (isolated Endpoint) -> Void) {
        let endpoint: Endpoint? = phase.withLock { phase in
            switch phase {
            case .setUp(let steps):
                phase = .setUp(steps + [step])
                return nil
            case .started(let endpoint): return endpoint
            case .closed: return nil
            }
        }
        endpoint?.run(step)
    }

    // MARK: Running

    /// Starts the server on a loop.
    /// - Parameters:
    ///   - loop: The loop that the server runs on. The caller runs the loop.
    ///   - adapter: The connection to the hub that orders the server's events: a hub in the same process, or one that
    ///     serves many workers.
    /// - Throws: ``AlreadyStarted`` if the server was started or closed before.
    public func start(on loop: EventLoop, adapter: any Adapter) throws(AlreadyStarted) {
        let worker = Worker(
            loop: loop, options: options, adapter: adapter, namespaces: namespaces, report: report)
        let endpoint = Endpoint(worker: worker)
        let steps: [@Sendable (isolated Endpoint) -> Void]? = phase.withLock { phase in
            guard case .setUp(let steps) = phase else { return nil }
            phase = .started(endpoint)
            return steps
        }
        guard let steps else { throw AlreadyStarted() }
        namespaces.attach(worker)
        for step in steps { endpoint.run(step) }
    }

    /// Starts to accept connections, also those of ``adopt(_:received:peer:)``.
    /// - Parameter sockets: The listening sockets; none for a server that gets all its connections from other code.
    /// - Precondition: The server has started.
    /// - Throws: ``SystemError`` if the loop cannot watch a socket.
    public func listen(on sockets: [ListeningSocket]) async throws {
        guard let endpoint else { fatalError("start(on:adapter:) comes before listen(on:)") }
        try await endpoint.listen(on: sockets)
        adoptions.begin(at: endpoint)
    }

    /// Stops accepting connections and closes every connection after sending its pending output. Cancels the tasks of
    /// asynchronous handlers, except disconnect handlers, and waits for all of them. The server cannot be used again. A
    /// server in `run` must be ended by cancelling the task of `run` instead.
    ///
    /// A handler may call it. The call does not wait for this handler, nor for what follows it: the socket's later
    /// events and its disconnect handlers. In a route the call takes the whole timeout, because the request's
    /// connection stays open until the route returns; return the response and close the server in a task of its own.
    /// - Parameter timeout: The maximum time to wait for connections and handlers. Cancelling the task does not end the
    ///   wait earlier.
    public func close(timeout: Duration = .seconds(2)) async {
        adoptions.close()
        let endpoint: Endpoint? = phase.withLock { phase in
            guard case .started(let endpoint) = phase else {
                phase = .closed
                return nil
            }
            return endpoint
        }
        await endpoint?.close(timeout: timeout)
        // Break reference cycles: handlers often retain the server.
        namespaces.removeAll()
    }

    /// Stops accepting connections, and sends the clients away. Close the server then.
    package func drain(_ plan: DrainPlan) async {
        adoptions.close()
        await endpoint?.drain(plan)
    }

    /// Ends the wait of ``drain(_:)``.
    package func endDrain() async {
        await endpoint?.endDrain()
    }

    /// The HTTP and Engine.IO servers; nil before the start.
    var endpoint: Endpoint? {
        phase.withLock { phase in
            if case .started(let endpoint) = phase { endpoint } else { nil }
        }
    }
}
