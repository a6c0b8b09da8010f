/// The channels of rooms to which this host subscribes.
///
/// A value without I/O. Two rooms may have one channel, because the name of a namespace or of a room may contain `#`.
struct RedisRooms {
    /// The greatest number of channels. At a Redis server, each of them takes about 200 bytes and its name.
    static let limit = 100_000
    /// The greatest size of all their names, in bytes. Clients may choose the names.
    static let nameLimit = 32 << 20

    /// The namespaces of the rooms of each channel.
    private var namespaces: [String: Set<String>] = [:]
    private let limit: Int
    private let nameLimit: Int
    private var nameBytes = 0

    init(limit: Int = limit, nameLimit: Int = nameLimit) {
        self.limit = limit
        self.nameLimit = nameLimit
    }

    /// All channels, in order.
    var channels: [String] { namespaces.keys.sorted() }

    /// The namespaces to which messages in this channel may belong.
    func namespaces(of channel: String) -> Set<String> { namespaces[channel] ?? [] }

    /// What happens when a room is opened.
    enum Opening: Equatable {
        /// Subscribe to the channel.
        case subscribe
        case isOpen
        /// There are too many.
        case refused
    }

    /// A room of the namespace is opened.
    mutating func open(_ channel: String, in namespace: String) -> Opening {
        guard namespaces[channel] == nil else {
            namespaces[channel]?.insert(namespace)
            return .isOpen
        }
        guard namespaces.count < limit, channel.utf8.count <= nameLimit - nameBytes else { return .refused }
        namespaces[channel] = [namespace]
        nameBytes += channel.utf8.count
        return .subscribe
    }

    /// A room of the namespace is closed.
    /// - Returns: true if the subscription is to be ended.
    mutating func close(_ channel: String, in namespace: String) -> Bool {
        guard namespaces[channel]?.remove(namespace) != nil, namespaces[channel]?.isEmpty == true else { return false }
        namespaces[channel] = nil
        nameBytes -= channel.utf8.count
        return true
    }
}
