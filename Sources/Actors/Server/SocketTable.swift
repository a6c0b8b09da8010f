import Transport

/// The sockets of one worker: by id, in their namespaces and rooms as of the hub's echoes, and those that are gone while
/// they have messages in flight.
struct SocketTable {
    private let loop: EventLoop
    private var sockets: [SessionID: Socket] = [:]
    private var namespaces: [String: Membership] = [:]
    /// Closed sockets whose broadcasts still wait for pending store results.
    private var leaving: [SessionKey: Socket] = [:]

    init(loop: EventLoop) {
        self.loop = loop
    }

    var count: Int { sockets.count }

    subscript(id: SessionID) -> Socket? { sockets[id] }

    /// The socket, if it is still under this owner epoch.
    subscript(key: SessionKey) -> Socket? {
        guard let socket = sockets[key.id], socket.key == key else { return nil }
        return socket
    }

    /// Who waits for the results of this socket's messages, it being there or gone.
    func awaiting(_ key: SessionKey) -> Socket? {
        self[key] ?? leaving[key]
    }

    // MARK: Coming and going

    /// A socket that asks the hub to be registered.
    mutating func add(_ socket: Socket) {
        sockets[socket.id] = socket
    }

    /// A socket with a session that the hub has given to this worker.
    mutating func adopt(_ socket: Socket, rooms: [String]) {
        sockets[socket.id] = socket
        change(socket.namespace.name) { namespace in
            namespace.add(socket)
            for room in rooms { namespace.join(socket, room) }
        }
    }

    /// A socket is gone.
    /// - Parameter awaitsResults: whether it has messages in flight.
    /// - Returns: whether it was there.
    mutating func remove(_ socket: Socket, awaitsResults: Bool) -> Bool {
        guard sockets[socket.id] === socket else { return false }
        sockets[socket.id] = nil
        namespaces[socket.namespace.name]?.remove(socket)
        if awaitsResults { leaving[socket.key] = socket }
        return true
    }

    /// A socket that is gone has all its results.
    mutating func forget(_ key: SessionKey) {
        leaving[key] = nil
    }

    /// No results come any more.
    /// - Returns: the sockets that are gone and wait for some, in the order of their ids.
    mutating func takeLeaving() -> [Socket] {
        defer { leaving = [:] }
        return leaving.sorted { ($0.key.id, $0.key.ownerEpoch) < ($1.key.id, $1.key.ownerEpoch) }.map(\.value)
    }

    // MARK: The hub's echoes

    mutating func registered(_ id: SessionID) -> Socket? {
        guard let socket = sockets[id] else { return nil }
        change(socket.namespace.name) { $0.add(socket) }
        return socket
    }

    mutating func joined(_ id: SessionID, _ room: String) -> Socket? {
        guard let socket = sockets[id] else { return nil }
        change(socket.namespace.name) { $0.join(socket, room) }
        return socket
    }

    mutating func left(_ id: SessionID, _ room: String) -> Socket? {
        guard let socket = sockets[id] else { return nil }
        change(socket.namespace.name) { $0.leave(socket, room) }
        return socket
    }

    private mutating func change(_ namespace: String, _ change: (inout Membership) -> Void) {
        let loop = loop
        change(&namespaces[namespace, default: Membership(loop: loop)])
    }

    // MARK: Delivery

    /// Who gets an event, by the sockets there are now.
    func recipients(of audience: Broadcast) -> Membership.Recipients {
        namespaces[audience.namespace]?.recipients(of: audience, among: sockets) ?? .members([])
    }
}
