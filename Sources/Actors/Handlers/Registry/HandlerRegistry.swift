import Synchronization

/// The handlers of a namespace or of one socket. Use it through ``EventHandling``. Callable from any thread.
///
/// The table is replaced as a whole at each change, so reading it for an event costs one lock and no copy.
public final class HandlerRegistry: Sendable {
    /// An immutable table.
    final class Snapshot: Sendable {
        let table: HandlerTable

        init(_ table: HandlerTable) {
            self.table = table
        }
    }

    private struct State {
        var snapshot = Snapshot(HandlerTable())
        var isClosed = false
    }

    /// The registry of a socket that ended without handlers of its own.
    static let closed: HandlerRegistry = {
        let registry = HandlerRegistry()
        registry.close()
        return registry
    }()

    private let state: Mutex<State>
    /// True if `connection` is not an event of clients, as in a namespace.
    private let reservesConnection: Bool

    /// - Parameters:
    ///   - reservesConnection: True if `connection` is not an event of clients, as in a namespace.
    ///   - original: A registry whose present handlers the new one takes over; nil to start without handlers.
    init(reservesConnection: Bool = false, copying original: HandlerRegistry? = nil) {
        self.reservesConnection = reservesConnection
        state = Mutex(State(snapshot: original?.snapshot ?? Snapshot(HandlerTable())))
    }

    var snapshot: Snapshot { state.withLock { $0.snapshot } }

    /// Ends the process with a message if clients cannot send events with this name.
    func requireAllowed(_ event: String) {
        guard ReservedEventNames.contains(event) || reservesConnection && event == "connection" else { return }
        let remedy =
            switch event {
            case "connection", "connect": "use onConnection"
            case "disconnect": "use onDisconnect"
            case "disconnecting": "use onDisconnecting"
            default: "clients cannot send it"
            }
        fatalError("the event name \"\(event)\" is reserved: \(remedy)")
    }

    /// Adds a handler. Has no effect on a closed registry.
    /// - Parameters:
    ///   - handler: The handler.
    ///   - list: The list to add it to.
    ///   - role: The role of the handler.
    ///   - isFirst: True to add it at the start of the list.
    func add<Input>(
        _ handler: SocketHandler<Input>, to list: WritableKeyPath<HandlerTable, [HandlerEntry<Input>]>,
        as role: HandlerEntry<Input>.Role = .handler, isFirst: Bool = false
    ) -> HandlerToken {
        let entry = HandlerEntry(token: HandlerToken(), handler: handler, role: role)
        change { $0[keyPath: list].insert(entry, at: isFirst ? 0 : $0[keyPath: list].endIndex) }
        return entry.token
    }

    /// Replaces the table by a changed copy. Has no effect on a closed registry.
    func change(_ change: (inout HandlerTable) -> Void) {
        let previous: Snapshot? = state.withLock { state in
            guard !state.isClosed else { return nil }
            let previous = state.snapshot
            var table = previous.table
            change(&table)
            state.snapshot = Snapshot(table)
            return previous
        }
        // Release removed handlers outside the lock, because their deinitializers may run any code.
        withExtendedLifetime(previous) {}
    }

    /// Removes a handler that runs once.
    /// - Returns: True if the caller has to call the handler, false if it was removed or called before.
    func take(_ token: HandlerToken, of event: String) -> Bool {
        var wasPresent = false
        change { wasPresent = $0.take(token, of: event) }
        return wasPresent
    }

    /// Removes all handlers and accepts no more.
    func close() {
        let previous = state.withLock { state in
            let previous = state.snapshot
            state = State(isClosed: true)
            return previous
        }
        withExtendedLifetime(previous) {}
    }
}
