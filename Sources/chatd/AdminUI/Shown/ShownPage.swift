import Actors
import ChatApplication
import Transport

/// A page of a worker's sockets, in the order of their ids, for ``ConnectionMerge``.
enum ShownPage {
    /// The most sockets that a dashboard gets at once.
    static let maxSockets = 1000
    /// The largest page, in bytes. The pages of all workers together may have 4 MiB.
    static let maxBytes = 48 << 10

    /// The first of these descriptions that together have this size.
    static func beginning(of connections: [JSONText], maxBytes: Int) -> [JSONText] {
        var bytes = 0
        return Array(
            connections.prefix { connection in
                bytes += connection.utf8.count
                return bytes <= maxBytes
            })
    }

    /// Must be called on the loop.
    static func json(of sockets: [Socket], after id: SessionID?) -> JSONText {
        let (first, rest) = ConnectionPage.smallest(maxSockets, of: sockets, after: id)
        var shown: [JSONText] = []
        var bytes = 0
        for socket in first {
            let text = ShownSocket.json(of: socket)
            guard shown.isEmpty || bytes + text.utf8.count <= maxBytes else { break }
            bytes += text.utf8.count
            shown.append(text)
        }
        return [
            "connections": JSONText(array: shown), "total": JSONText(integer: sockets.count),
            "more": JSONText(bool: rest || shown.count < first.count),
        ]
    }
}
