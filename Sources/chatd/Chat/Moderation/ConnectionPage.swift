import Actors
import Glibc
import Persistence
import Transport

/// Some connections of a worker, in the order of their ids.
package struct ConnectionPage {
    private let connections: [JSONText]
    /// The number of the worker's connections.
    private let total: Int
    /// True if others follow.
    private let hasMore: Bool

    /// Must be called on the loop.
    init(of sockets: [Socket], after id: SessionID?) {
        total = sockets.count
        let limit = ModerationQuestion.maxCount
        let (first, rest) = Self.smallest(limit, of: sockets, after: id)
        var connections: [JSONText] = []
        var bytes = 0
        for socket in first {
            let text = Self.json(of: socket)
            guard connections.isEmpty || bytes + text.utf8.count <= ModerationQuestion.maxPage else { break }
            bytes += text.utf8.count
            connections.append(text)
        }
        self.connections = connections
        hasMore = rest || connections.count < first.count
    }

    var json: JSONText {
        [
            "connections": JSONText(array: connections), "total": JSONText(integer: total),
            "more": JSONText(bool: hasMore),
        ]
    }

    /// The sockets with the smallest ids, sorted, without sorting all.
    package static func smallest(
        _ limit: Int, of sockets: [Socket], after id: SessionID?
    ) -> (first: [Socket], rest: Bool) {
        var first: [Socket] = []
        var count = 0
        for socket in sockets where id.map({ socket.id > $0 }) ?? true {
            count += 1
            if first.count == limit, let last = first.last, last.id < socket.id { continue }
            var (low, high) = (0, first.count)
            while low < high {
                let middle = (low + high) / 2
                if first[middle].id < socket.id { low = middle + 1 } else { high = middle }
            }
            first.insert(socket, at: low)
            if first.count > limit { first.removeLast() }
        }
        return (first, count > first.count)
    }

    private static func json(of socket: Socket) -> JSONText {
        let traffic = socket.traffic
        let handshake = socket.handshake
        let author = socket.messageProfile.author.map { String(decoding: $0, as: UTF8.self) }
        let name = socket.messageProfile.attribution?.storedName.map { String(decoding: $0, as: UTF8.self) }
        return [
            "id": JSONText(string: socket.id.description), "user": author.map { JSONText(string: $0) } ?? .null,
            // Behind ~ if the client chose it.
            "name": name.map { JSONText(string: $0) } ?? .null,
            "address": JSONText(string: handshake.address),
            "since": JSONText(integer: handshake.issued.wholeMilliseconds),
            "transport": JSONText(string: socket.currentTransport.rawValue),
            "received": JSONText(integer: traffic.received), "sent": JSONText(integer: traffic.sent),
            "process": JSONText(integer: Int(getpid())),
        ]
    }
}
