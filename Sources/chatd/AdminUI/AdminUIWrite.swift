import Actors

/// What a dashboard asks the server to do.
enum AdminUIWrite {
    /// The names of these features in the dashboard's protocol. Those with M are for whole rooms and namespaces.
    static let features = ["EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT"]
    /// The events of the dashboard.
    static let events = ["emit", "join", "leave", "_disconnect"]

    /// Sends an event to the members of a room; nil for everyone.
    case emit(namespace: String, room: String?, event: String, [Argument])
    /// Makes the members of a room join another.
    case join(namespace: String, room: String, of: String?)
    case leave(namespace: String, room: String, of: String?)
    case disconnect(namespace: String, close: Bool, of: String?)

    /// True if clients are disconnected.
    var disconnects: Bool {
        if case .disconnect = self { true } else { false }
    }

    /// - Returns: nil for another event, and for other arguments than the protocol has.
    init?(_ event: String, _ arguments: [Argument]) {
        let values = arguments.map { argument -> JSONText? in
            if case .json(let value) = argument { value } else { nil }
        }
        guard let namespace = values.first??.string, values.count > 1 else { return nil }
        switch event {
        case "emit":
            guard values.count > 2, let name = values[2]?.string, let room = Self.room(values[1]) else { return nil }
            self = .emit(namespace: namespace, room: room.name, event: name, Array(arguments.dropFirst(3)))
        case "join", "leave":
            guard let room = values[1]?.string, !room.isEmpty,
                let of = Self.room(values.count > 2 ? values[2] : .null)
            else { return nil }
            self =
                event == "join"
                ? .join(namespace: namespace, room: room, of: of.name)
                : .leave(namespace: namespace, room: room, of: of.name)
        case "_disconnect":
            guard let of = Self.room(values.count > 2 ? values[2] : .null) else { return nil }
            self = .disconnect(namespace: namespace, close: values[1]?.bool == true, of: of.name)
        default: return nil
        }
    }

    /// The filter of a request. It is optional, and the dashboard also sends an empty one for none.
    /// - Returns: nil if it is no text.
    private static func room(_ value: JSONText?) -> (name: String?, ())? {
        guard let value else { return nil }
        if value.isNull { return (nil, ()) }
        return value.string.map { ($0.isEmpty ? nil : $0, ()) }
    }

    var namespace: String {
        switch self {
        case .emit(let namespace, _, _, _), .join(let namespace, _, _), .leave(let namespace, _, _),
            .disconnect(let namespace, _, _):
            namespace
        }
    }

    /// The request, for the log. It has no arguments of events.
    var text: String {
        switch self {
        case .emit(let namespace, let room, let event, _):
            "to \(Self.target(namespace, room)): emit \(Self.word(event))"
        case .join(let namespace, let room, let of): "\(Self.target(namespace, of)): join room \(Self.word(room))"
        case .leave(let namespace, let room, let of): "\(Self.target(namespace, of)): leave room \(Self.word(room))"
        case .disconnect(let namespace, let close, let of):
            "\(close ? "close the connections of" : "disconnect") \(Self.target(namespace, of))"
        }
    }

    private static func target(_ namespace: String, _ room: String?) -> String {
        room.map { "room \(word($0)) of \(namespace)" } ?? "everyone in \(namespace)"
    }

    /// A value in a line. A long one must not push the rest out of it.
    private static func word(_ text: String) -> String {
        LogLine.word(text.utf8.count <= 128 ? text : String(decoding: text.utf8.prefix(128), as: UTF8.self) + "…")
    }
}
