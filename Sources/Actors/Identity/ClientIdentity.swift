/// Who a client is, as the application has found out.
public struct ClientIdentity: Sendable {
    /// The parts are shared, because each socket has a copy of this value.
    private final class Parts: Sendable {
        let id: String
        let name: String?
        let expires: Duration?
        let rooms: [String]
        let claims: JSONText?
        let actions: [String]?

        init(
            id: String, name: String?, expires: Duration?, rooms: [String], claims: JSONText?, actions: [String]?
        ) {
            self.id = id
            self.name = name
            self.expires = expires
            self.rooms = rooms
            self.claims = claims
            self.actions = actions
        }
    }

    private let parts: Parts

    /// Creates an identity. The properties explain the parameters.
    public init(
        id: String, name: String? = nil, expires: Duration? = nil, rooms: [String] = [], claims: JSONText? = nil,
        actions: [String]? = nil
    ) {
        parts = Parts(id: id, name: name, expires: expires, rooms: rooms, claims: claims, actions: actions)
    }

    /// The id, which stays the same over all connections of this user. Only a client with the same id can resume a
    /// session.
    public var id: String { parts.id }
    /// The name to show; nil if unknown.
    public var name: String? { parts.name }
    /// The time since 1970 at which the client loses this identity and is disconnected; nil for never.
    public var expires: Duration? { parts.expires }
    /// The rooms that the client may be in. The server does not join them by itself; ``Socket/joinIdentityRooms()``
    /// does.
    public var rooms: [String] { parts.rooms }
    /// Everything else that is known about the client; nil for nothing.
    public var claims: JSONText? { parts.claims }
    /// What the client may do; nil for everything. The names are the application's, which has to look.
    public var actions: [String]? { parts.actions }

    /// True if the client may do something.
    public func allows(_ action: String) -> Bool { actions?.contains(action) ?? true }

    /// A longer time counts as for ever.
    private static let longestLifetime = Duration.seconds(1 << 32)

    /// The time for which the identity is still valid; nil for ever.
    /// - Parameter now: the time since 1970.
    func lifetime(at now: Duration) -> Duration? {
        expires.map { max(.zero, $0 - now) }.flatMap { $0 <= Self.longestLifetime ? $0 : nil }
    }
}

extension ClientIdentity: Equatable {
    public static func == (left: ClientIdentity, right: ClientIdentity) -> Bool {
        left.id == right.id && left.name == right.name && left.expires == right.expires && left.rooms == right.rooms
            && left.claims == right.claims && left.actions == right.actions
    }
}
