import Transport

/// A request for descriptions of the connected sockets of a selection.
public struct SocketFetch: Sendable, Equatable {
    /// The number that the worker chose for the request. The answer carries the same number.
    public let number: UInt64
    /// The sockets to describe.
    public let selection: SocketSelection
    /// The maximum size of the descriptions that the worker accepts, in bytes; see ``FetchedSocket/byteCount``.
    public let maxBytes: Int

    /// Creates a request. The properties explain the parameters.
    public init(number: UInt64, selection: SocketSelection, maxBytes: Int) {
        self.number = number
        self.selection = selection
        self.maxBytes = maxBytes
    }
}

/// The answer to a ``SocketFetch``, or to a request for the number of workers.
public enum FetchAnswer: Sendable, Equatable {
    /// The selected sockets that are connected, in the order of their ids.
    case sockets([FetchedSocket])
    /// The descriptions exceed ``SocketFetch/maxBytes``. `count` is the number of selected sockets.
    case tooLarge(count: Int)
    /// The number of attached workers, in answer to ``HubRequest/countWorkers(_:)``.
    case workers(Int)
    /// The adapter does not carry out such requests.
    case refused
}

/// The hub's description of a connected socket.
public struct FetchedSocket: Sendable, Equatable {
    /// The id of the socket.
    public let id: SessionID
    /// The sorted names of the socket's rooms, without the one named after the socket.
    public let rooms: [String]
    /// The application's data for the socket.
    public let data: JSONText?

    /// Creates a description. The properties explain the parameters.
    public init(id: SessionID, rooms: [String], data: JSONText?) {
        self.id = id
        self.rooms = rooms
        self.data = data
    }

    /// The approximate size of the description in memory and on a link, in bytes.
    public var byteCount: Int {
        rooms.reduce(64 + (data?.utf8.count ?? 0)) { $0 + $1.utf8.count + 16 }
    }
}
