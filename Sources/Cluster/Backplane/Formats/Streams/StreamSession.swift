import Actors
import Transport

/// A session that the Redis Streams adapter 0.3 keeps for recovery: MessagePack in base64, at the key
/// `sio:session:<private id>`.
package struct StreamSession: Sendable, Equatable {
    /// The id of the session's socket.
    package let id: String
    /// The secret with which the client resumes the session.
    package let privateID: String
    /// The names of the socket's rooms, including the room named after its id.
    package let rooms: [String]
    /// The application's data; null without any.
    package let data: MixedValue
    /// What only this server writes; nil for a session of an official server.
    let places: SessionPlaces?

    /// Creates a session. The properties explain the parameters.
    package init(id: String, privateID: String, rooms: [String], data: MixedValue) {
        self.init(id: id, privateID: privateID, rooms: rooms, data: data, places: nil)
    }

    init(id: String, privateID: String, rooms: [String], data: MixedValue, places: SessionPlaces?) {
        self.id = id
        self.privateID = privateID
        self.rooms = rooms
        self.data = data
        self.places = places
    }
}

extension StreamSession {
    /// Reads the value of the key.
    /// - Throws: ``FormatError`` if the text is not a session, or exceeds a limit.
    package init(_ text: [UInt8], limits: FormatLimits = FormatLimits()) throws(FormatError) {
        let object = try MessageObject(try MixedValue(base64: text, limits: limits), limits: limits)
        let rooms = try object.rooms(.rooms)
        self.init(
            id: try object.identifier(.sid), privateID: try object.identifier(.pid), rooms: rooms,
            data: object.value(.data),
            places: object.has(.chatd) ? try SessionPlaces(try object.object(.chatd), rooms: rooms.count) : nil)
    }

    /// The value of the key.
    package var encoded: [UInt8] {
        let tree = MessageTree.object([
            (.sid, .text(id)), (.pid, .text(privateID)), (.rooms, .texts(rooms)), (.data, .value(data)),
            (.chatd, places?.tree),
        ])
        return Base64.encode(tree.messagePack)
    }
}
