import Transport

/// A description of a socket that may belong to another worker, as of the time of the fetch. Its methods act on the
/// socket wherever it is connected, and have no effect once the socket is gone.
///
/// The description has no handshake, because the hub does not keep handshakes. Store what other workers need in the
/// socket's data; see ``Socket/setData(_:)``.
public struct RemoteSocket: Sendable, Identifiable {
    /// The socket's id. It also names a room that contains only this socket.
    public let id: SessionID
    /// The names of the socket's rooms, including the room named after its id.
    public let rooms: Set<String>
    /// The application's data for the socket.
    public let data: JSONText?
    /// The audience that contains only this socket.
    private let audience: Audience

    init(_ socket: FetchedSocket, in audience: Audience) {
        let own = socket.id.description
        id = socket.id
        rooms = Set(socket.rooms).union([own])
        data = socket.data
        self.audience = Audience(
            worker: audience.worker, namespace: audience.namespace, rooms: [own], exceptions: [],
            sender: audience.sender, isVolatile: false, namesRooms: true, isLocal: audience.isLocal)
    }

    /// Sends an event to the socket's client. With connection state recovery a disconnected client receives it when it
    /// resumes its session. An event with a reserved name is reported and not sent.
    public func emit(_ event: String, _ arguments: Arguments = []) {
        audience.emit(event, arguments)
    }

    /// Sends an event with Swift values as arguments, as ``emit(_:_:)`` does.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func emit<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) throws {
        try audience.emit(event, first, repeat each rest)
    }

    /// The socket's data as a Swift value.
    /// - Throws: ``ArgumentError`` if the data is missing or has another type; any other error of an `init(from:)`.
    public func data<Value: Decodable>(as type: Value.Type) throws -> Value {
        try Arguments([.json(data ?? .null)]).decode(type, coding: audience.worker?.options.coding ?? .standard)
    }

    /// Adds the socket to rooms, as ``Audience/socketsJoin(_:)-(String...)`` does.
    public func join(_ rooms: String...) {
        audience.socketsJoin(rooms)
    }

    /// Adds the socket to rooms, as ``Audience/socketsJoin(_:)-([String])`` does.
    public func join(_ rooms: [String]) {
        audience.socketsJoin(rooms)
    }

    /// Removes the socket from rooms.
    public func leave(_ rooms: String...) {
        audience.socketsLeave(rooms)
    }

    /// Removes the socket from rooms.
    public func leave(_ rooms: [String]) {
        audience.socketsLeave(rooms)
    }

    /// Disconnects the client from the namespace, as ``Audience/disconnectSockets(close:)`` does.
    /// - Parameter close: True to disconnect the client from every namespace and close its connection.
    public func disconnect(close: Bool = false) {
        audience.disconnectSockets(close: close)
    }
}
