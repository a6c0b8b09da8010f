import Transport

/// The sockets of one worker by id, their namespaces and rooms as echoed by the hub, and the closed sockets that still
/// have messages in flight.
struct SocketTable {
    private let loop: EventLoop
    private var sockets: [SessionID: Socket] = [:]
    private var namespaces: [String: Membership] = [:]
    /// The closed sockets that still have messages in flight. Their held broadcasts wait for the results.
    private var leaving: [SessionKey: Socket] = [:]
    /// The changes that the handlers of room changes have not seen.
    private(set) var roomChanges: [(namespace: Namespace, change: RoomChange)] = []

    init(loop: EventLoop) {
        self.loop = loop
    }

    var count: Int { sockets.count }

    /// The sockets in no particular order.
    var all: some Collection<Socket> { sockets.values }

    subscript(id: SessionID) -> Socket? { sockets[id] }

    /// The socket with the key's id; nil if its owner epoch differs from the key's.
    subscript(key: SessionKey) -> Socket? {
        guard let socket = sockets[key.id], socket.key == key else { return nil }
        return socket
    }

    /// The socket that receives the results of this session's messages. It may be closed already.
    func resultRecipient(_ key: SessionKey) -> Socket? {
        self[key] ?? leaving[key]
    }

    // MARK: Adding and removing

    /// Adds a socket whose registration is pending.
    mutating func add(_ socket: Socket) {
        sockets[socket.id] = socket
    }

    /// Adds a socket with a recovered session and makes the socket a member of its namespace and rooms at once.
    mutating func adopt(_ socket: Socket, rooms: [String]) {
        sockets[socket.id] = socket
        change(socket.namespace) { namespace in
            namespace.add(socket)
            for room in rooms { namespace.join(socket, room) }
        }
    }

    /// Removes a closed socket.
    /// - Parameters:
    ///   - socket: The socket to remove.
    ///   - awaitsResults: True if the socket has messages in flight.
    /// - Returns: True if the table contained the socket.
    mutating func remove(_ socket: Socket, awaitsResults: Bool) -> Bool {
        guard sockets[socket.id] === socket else { return false }
        sockets[socket.id] = nil
        change(socket.namespace) { $0.remove(socket) }
        if namespaces[socket.namespace.name]?.isEmpty == true { namespaces[socket.namespace.name] = nil }
        if awaitsResults { leaving[socket.key] = socket }
        return true
    }

    /// Drops a closed socket that has received all its results.
    mutating func forget(_ key: SessionKey) {
        leaving[key] = nil
    }

    /// Drops the closed sockets that wait for results, when no more results can arrive.
    /// - Returns: The dropped sockets, in the order of their ids.
    mutating func removeLeaving() -> [Socket] {
        defer { leaving = [:] }
        return leaving.sorted { ($0.key.id, $0.key.ownerEpoch) < ($1.key.id, $1.key.ownerEpoch) }.map(\.value)
    }

    // MARK: The hub's echoes

    mutating func registered(_ id: SessionID) -> Socket? {
        guard let socket = sockets[id] else { return nil }
        change(socket.namespace) { $0.add(socket) }
        return socket
    }

    mutating func joined(_ id: SessionID, _ room: String) -> Socket? {
        guard let socket = sockets[id] else { return nil }
        change(socket.namespace) { $0.join(socket, room) }
        return socket
    }

    mutating func left(_ id: SessionID, _ room: String) -> Socket? {
        guard let socket = sockets[id] else { return nil }
        change(socket.namespace) { $0.leave(socket, room) }
        return socket
    }

    private mutating func change(_ namespace: Namespace, _ change: (inout Membership) -> Void) {
        let loop = loop
        change(&namespaces[namespace.name, default: Membership(loop: loop)])
        guard namespaces[namespace.name]?.changes.isEmpty == false else { return }
        roomChanges += namespaces[namespace.name]?.takeChanges().map { (namespace, $0) } ?? []
    }

    // MARK: Rooms

    mutating func takeRoomChanges() -> [(namespace: Namespace, change: RoomChange)] {
        defer { roomChanges = [] }
        return roomChanges
    }

    func rooms(of namespace: String) -> [String: Set<SessionID>] {
        namespaces[namespace]?.membersOfRooms ?? [:]
    }

    func rooms(of id: SessionID, in namespace: String) -> Set<String>? {
        namespaces[namespace]?.rooms(of: id)
    }

    // MARK: Delivery

    /// The current recipients of an event, or of another value for the same sockets.
    func recipients(of broadcast: some Addressed) -> Membership.Recipients {
        namespaces[broadcast.namespace]?.recipients(of: broadcast, among: sockets) ?? .members([])
    }
}
