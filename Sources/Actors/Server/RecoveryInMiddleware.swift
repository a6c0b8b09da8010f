import Transport

/// A resumed session that waits for middleware: the events that arrive for it in the meantime.
struct RecoveryInMiddleware {
    private let namespace: String
    /// The session's rooms, including the one named after the socket.
    private let rooms: Set<String>
    private(set) var missed: [PositionedEvent] = []
    /// The size of the missed events, in bytes.
    private(set) var byteCount = 0

    init(namespace: String, rooms: Set<String>) {
        self.namespace = namespace
        self.rooms = rooms
    }

    /// Adds the events of a run that are for the session. Volatile events are dropped, as for a client that is not
    /// ready to receive them.
    mutating func gather(_ run: EventRun) {
        let audience = run.audience
        guard audience.namespace == namespace, !audience.isVolatile,
            audience.rooms.isEmpty || !rooms.isDisjoint(with: audience.rooms),
            rooms.isDisjoint(with: audience.exceptions)
        else { return }
        missed += run.events
        byteCount += run.byteCount
    }
}

extension Worker {
    /// Holds the events of a resumed session while middleware checks its client.
    func awaitMiddleware(_ socket: Socket, rooms: [String]) {
        sockets.add(socket)
        recoveriesInMiddleware[socket.id] = RecoveryInMiddleware(
            namespace: socket.namespace.name, rooms: Set(rooms + [socket.id.description]))
    }

    /// Ends the wait of a session.
    /// - Returns: The events that arrived during the wait, in order.
    func takeMissedEvents(of id: SessionID) -> [PositionedEvent] {
        recoveriesInMiddleware.removeValue(forKey: id)?.missed ?? []
    }

    /// Keeps a run of events for the sessions that wait for middleware. Disconnects a client that misses too much.
    func gatherForMiddleware(_ run: EventRun) {
        for id in recoveriesInMiddleware.keys.sorted() {
            recoveriesInMiddleware[id]?.gather(run)
            guard let waiting = recoveriesInMiddleware[id], waiting.byteCount > options.engine.maxPending else {
                continue
            }
            sockets[id]?.connection.assumeIsolated { $0.close(.transportError, isFinal: false) }
        }
    }
}
