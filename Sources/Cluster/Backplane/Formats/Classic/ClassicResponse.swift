import Actors

/// An answer in the format of the Redis adapter 8.3 with PUBLISH. Most answers do not say which request they belong to,
/// so the asker finds that by the request's id.
package struct ClassicResponse: Sendable, Equatable {
    /// What the answering node says.
    package enum Content: Sendable, Equatable {
        /// The ids of its sockets, in the answer to an earlier form of request.
        case socketIDs([String])
        /// The names of its rooms.
        case rooms([String])
        /// Its sockets. An empty list may also be the answer to ``ClassicRequest/Content/socketIDs(rooms:requestID:)``.
        case sockets([SocketDescription])
        /// It has changed the one socket that an earlier form of request names.
        case done
        /// The answer of its handler.
        case serverAnswer(MixedValue)
        /// The number of its clients that receive a broadcast.
        case clientCount(Int)
        /// The first argument of a client's acknowledgement.
        case acknowledgement(MixedValue)
    }

    /// The id of the request.
    package let requestID: String
    package let content: Content

    /// Creates an answer. The properties explain the parameters.
    package init(requestID: String, content: Content) {
        self.requestID = requestID
        self.content = content
    }

    /// Reads an answer, in JSON or MessagePack.
    /// - Throws: ``FormatError`` if the bytes are not an answer, or exceed a limit.
    package init(_ bytes: [UInt8], limits: FormatLimits = FormatLimits()) throws(FormatError) {
        let message = try MessageObject(try MixedValue(message: bytes, limits: limits), limits: limits)
        requestID = try message.identifier(.requestID)
        content = message.has(.type) ? try Self.typed(message) : try Self.untyped(message)
    }

    private static func typed(_ message: MessageObject) throws(FormatError) -> Content {
        let number = try message.type()
        switch ClassicMessageType(rawValue: number) {
        case .serverSideEmit: return .serverAnswer(message.value(.data))
        case .broadcastClientCount: return .clientCount(try message.number(.clientCount, in: 0...Int(Int32.max)))
        case .broadcastAcknowledgement: return .acknowledgement(message.value(.packet))
        default: throw .unknownType(number)
        }
    }

    private static func untyped(_ message: MessageObject) throws(FormatError) -> Content {
        if message.has(.rooms) { return .rooms(try message.rooms(.rooms)) }
        guard message.has(.sockets) else { return .done }
        let first = try message.elements(.sockets, limit: message.limits.sockets).first
        guard first?.kind == .string else { return .sockets(try SocketDescription.all(in: message)) }
        return .socketIDs(try message.identifiers(.sockets, limit: message.limits.sockets))
    }
}

extension ClassicResponse {
    /// The payload: MessagePack for an acknowledgement, else JSON. In JSON, binary data becomes what Node's
    /// `JSON.stringify` makes of a buffer.
    package var encoded: [UInt8] {
        let type = type
        let tree = MessageTree.object([
            (.type, type.map { .number($0.rawValue) }), (.requestID, .text(requestID)), member,
        ])
        return type == .broadcastAcknowledgement ? tree.messagePack : tree.json
    }

    private var type: ClassicMessageType? {
        switch content {
        case .socketIDs, .rooms, .sockets, .done: nil
        case .serverAnswer: .serverSideEmit
        case .clientCount: .broadcastClientCount
        case .acknowledgement: .broadcastAcknowledgement
        }
    }

    private var member: (MessageKey, MessageTree?) {
        switch content {
        case .socketIDs(let ids): (.sockets, .texts(ids))
        case .rooms(let rooms): (.rooms, .texts(rooms))
        case .sockets(let sockets): (.sockets, .list(sockets.map(\.tree)))
        case .done: (.data, nil)
        case .serverAnswer(let value): (.data, .value(value))
        case .clientCount(let count): (.clientCount, .number(count))
        case .acknowledgement(let value): (.packet, .value(value))
        }
    }
}
