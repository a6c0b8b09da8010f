import Actors
import Transport

/// A socket in the answer to `fetchSockets`.
package struct SocketDescription: Sendable, Equatable {
    /// The socket's id. On an official server it may be any text.
    package let id: String
    /// The handshake as an object; nil without one.
    package let handshake: MixedValue?
    /// The names of the socket's rooms, including the room named after its id.
    package let rooms: [String]
    /// The application's data; null without any.
    package let data: MixedValue

    /// Creates a description. The properties explain the parameters.
    package init(id: String, handshake: MixedValue?, rooms: [String], data: MixedValue) {
        self.id = id
        self.handshake = handshake
        self.rooms = rooms
        self.data = data
    }

    /// The description of a socket of this server, whose hub keeps no handshakes. The members of the handshake are
    /// there but empty, because applications on official servers read them without a check.
    package init(_ socket: FetchedSocket) {
        let id = socket.id.description
        let handshake: JSONText = [
            "headers": [:], "time": "", "address": "", "xdomain": false, "secure": false, "issued": 0, "url": "",
            "query": [:], "auth": [:],
        ]
        self.init(
            id: id, handshake: MixedValue(handshake), rooms: [id] + socket.rooms,
            data: MixedValue(socket.data ?? JSONText(object: [])))
    }

    init(_ object: MessageObject) throws(FormatError) {
        id = try object.identifier(.id)
        rooms = try object.rooms(.rooms)
        handshake = object.has(.handshake) ? object.value(.handshake) : nil
        data = object.value(.data)
    }

    /// The descriptions in an answer.
    static func all(in answer: MessageObject) throws(FormatError) -> [SocketDescription] {
        var sockets: [SocketDescription] = []
        for object in try answer.objects(.sockets, limit: answer.limits.sockets) {
            sockets.append(try SocketDescription(object))
        }
        return sockets
    }
}

extension SocketDescription: MessageTreeConvertible {
    var tree: MessageTree {
        .object([
            (.id, .text(id)), (.handshake, handshake.map { .value($0) }), (.rooms, .texts(rooms)),
            (.data, .value(data)),
        ])
    }
}

extension FetchedSocket {
    /// The socket of another server; nil if its id has not the form of ids here, or its data contains binary data.
    package init?(_ description: SocketDescription) {
        guard let id = SessionID(description.id), description.data.attachments.isEmpty else { return nil }
        let data = description.data.json
        self.init(
            id: id, rooms: description.rooms.filter { $0 != description.id }.sorted(),
            // A literal nil would be JSON's null.
            data: data.isNull ? Optional.none : data)
    }
}
