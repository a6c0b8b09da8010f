/// The handlers of a namespace or of one socket, each list in the order of the calls.
struct HandlerTable: Sendable {
    private var events: [String: [HandlerEntry<Event>]] = [:]
    var any: [HandlerEntry<Event>] = []
    var anyOutgoing: [HandlerEntry<Event>] = []
    /// Middleware for the events of one socket.
    var checks: [HandlerEntry<Event>] = []
    var errors: [HandlerEntry<any Error>] = []
    var excess: [HandlerEntry<ExcessEvent>] = []
    /// Finds out who a client of a namespace is; nil if nobody asks.
    var identity: IdentityCheck?
    /// Decides before the claim whether a client may enter a namespace; nil to let everybody in.
    var admission: (@Sendable (Handshake) throws -> Void)?
    /// Middleware for the clients of a namespace.
    var middleware: [HandlerEntry<Void>] = []
    var connection: [HandlerEntry<Void>] = []
    var disconnecting: [HandlerEntry<DisconnectReason>] = []
    var disconnect: [HandlerEntry<DisconnectReason>] = []
    /// The handlers of other workers' events, by the event's name.
    var serverEvents: [String: [ServerHandler]] = [:]

    /// The handlers of the events with this name, without the catch-all handlers.
    subscript(event name: String) -> [HandlerEntry<Event>] {
        get { events[name] ?? [] }
        set { events[name] = newValue.isEmpty ? nil : newValue }
    }

    /// The names with handlers, in no particular order.
    var eventNames: some Collection<String> { events.keys }

    /// The handlers of one event in the order of their calls: catch-all handlers, the socket's middleware, handlers of
    /// this name; in each group those of the namespace first.
    /// - Parameters:
    ///   - name: The event's name.
    ///   - own: The handlers of the socket; nil if it has none.
    func handlers(of name: String, and own: HandlerRegistry.Snapshot?) -> [HandlerEntry<Event>] {
        guard let own = own?.table else { return any.isEmpty ? self[event: name] : any + self[event: name] }
        return any + own.any + own.checks + self[event: name] + own[event: name]
    }

    // MARK: Removing

    mutating func removeEvents() {
        events = [:]
    }

    mutating func remove(_ token: HandlerToken) {
        for (name, handlers) in events where handlers.contains(where: { $0.token == token }) {
            self[event: name].removeAll { $0.token == token }
        }
        any.removeAll { $0.token == token }
        anyOutgoing.removeAll { $0.token == token }
        checks.removeAll { $0.token == token }
        errors.removeAll { $0.token == token }
        excess.removeAll { $0.token == token }
        middleware.removeAll { $0.token == token }
        connection.removeAll { $0.token == token }
        disconnecting.removeAll { $0.token == token }
        disconnect.removeAll { $0.token == token }
        serverEvents = serverEvents.mapValues { $0.filter { $0.token != token } }.filter { !$0.value.isEmpty }
    }

    /// Removes the entry of a handler that runs once.
    /// - Returns: True if the table contained the entry.
    mutating func take(_ token: HandlerToken, of event: String) -> Bool {
        guard let index = self[event: event].firstIndex(where: { $0.token == token }) else { return false }
        self[event: event].remove(at: index)
        return true
    }
}
