import Actors
import ChatApplication
import Glibc
import Transport

/// What a dashboard shows of a client. Headers and parameters are shown only if they are in a list here, so that no
/// cookie, token or authorization can be among them.
enum ShownSocket {
    /// The headers that are shown, in lower case.
    static let headers = ["host", "origin", "user-agent", "accept-language"]
    /// The parameters that are shown.
    static let parameters = ["EIO", "transport"]
    /// The longest value that is shown, in bytes.
    static let maxValue = 256
    /// The most rooms that are shown.
    static let maxRooms = 100

    /// The socket as the dashboard's protocol describes it. Must be called on the loop.
    static func json(of socket: Socket) -> JSONText {
        // The others are shown when the hub confirms them.
        let rooms = socket.confirmedRooms.sorted()
        let identity = socket.identity
        let user = socket.messageProfile.author.map { String(decoding: $0, as: UTF8.self) }
        var data: [(String, JSONText)] = []
        if let user { data.append(("user", JSONText(string: user))) }
        if let name = identity?.name { data.append(("name", JSONText(string: name))) }
        return JSONText(object: [
            ("id", JSONText(string: socket.id.description)),
            ("clientId", JSONText(string: (socket.connectionID ?? socket.id).description)),
            ("transport", JSONText(string: socket.currentTransport.rawValue)),
            ("nsp", JSONText(string: socket.namespace.name)),
            ("data", JSONText(object: data)),
            ("handshake", handshake(socket.handshake)),
            ("rooms", JSONText(array: rooms.prefix(maxRooms).map { JSONText(string: $0) })),
        ])
    }

    static func handshake(_ handshake: Handshake) -> JSONText {
        let query = handshake.query
        let path = handshake.url.prefix { $0 != "?" }
        return JSONText(object: [
            ("address", JSONText(string: handshake.address)),
            ("headers", object(headers) { handshake.headers[$0] }),
            ("query", object(parameters) { query[$0] }),
            ("issued", JSONText(integer: handshake.issued.wholeMilliseconds)),
            ("secure", JSONText(bool: handshake.isSecure)),
            ("time", JSONText(string: time(handshake.issued))),
            ("url", JSONText(string: shortened(String(path)))),
            ("xdomain", JSONText(bool: handshake.isCrossDomain)),
        ])
    }

    /// A time since 1970 in the form that JavaScript gives dates in JSON.
    static func time(_ time: Duration) -> String {
        let milliseconds = time.wholeMilliseconds
        return LogTime(seconds: milliseconds / 1000, milliseconds: milliseconds % 1000).description
    }

    private static func object(_ names: [String], _ value: (String) -> String?) -> JSONText {
        JSONText(
            object: names.compactMap { name in value(name).map { (name, JSONText(string: shortened($0))) } })
    }

    private static func shortened(_ text: String) -> String {
        text.utf8.count <= maxValue ? text : String(decoding: text.utf8.prefix(maxValue), as: UTF8.self)
    }
}
