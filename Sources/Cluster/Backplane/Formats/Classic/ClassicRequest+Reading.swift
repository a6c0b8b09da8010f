import Actors

extension ClassicRequest {
    /// Reads a request, in JSON or MessagePack.
    /// - Parameters:
    ///   - bytes: The payload.
    ///   - namespace: The namespace of the channel.
    ///   - limits: The limits of the message.
    /// - Throws: ``FormatError`` if the bytes are not a request, or exceed a limit.
    package init(
        _ bytes: [UInt8], namespace: String, limits: FormatLimits = FormatLimits()
    ) throws(FormatError) {
        let message = try MessageObject(try MixedValue(message: bytes, limits: limits), limits: limits)
        uid = try message.optionalIdentifier(.uid)
        content = try Self.content(message, namespace)
        stamp = try EventStamp(of: message)
    }

    private static func content(_ message: MessageObject, _ namespace: String) throws(FormatError) -> Content {
        let number = try message.type()
        guard let type = ClassicMessageType(rawValue: number) else { throw .unknownType(number) }
        // Only the earlier forms name a socket in place of a selection.
        let concernsOne = !message.has(.opts) && message.has(.sid)
        switch type {
        case .sockets:
            return .socketIDs(
                rooms: message.has(.rooms) ? try message.rooms(.rooms) : [],
                requestID: try message.identifier(.requestID))
        case .allRooms: return .allRooms(requestID: try message.identifier(.requestID))
        case .remoteJoin, .remoteLeave, .remoteDisconnect:
            return concernsOne ? try change(ofOne: message, type) : try change(message, type)
        case .remoteFetch:
            return .fetch(try MessageTarget(of: message), requestID: try message.identifier(.requestID))
        case .serverSideEmit:
            return .serverEvent(
                try ServerEvent(message, .data, namespace: namespace),
                requestID: try message.optionalIdentifier(.requestID))
        case .broadcast:
            return .broadcast(
                try EventPacket(try message.object(.packet)), try MessageTarget(of: message),
                requestID: try message.identifier(.requestID))
        case .broadcastClientCount, .broadcastAcknowledgement: throw .unknownType(number)
        }
    }

    private static func change(_ message: MessageObject, _ type: ClassicMessageType) throws(FormatError) -> Content {
        let target = try MessageTarget(of: message)
        if type == .remoteDisconnect { return .disconnect(target, close: message.flag(.close)) }
        let rooms = try message.rooms(.rooms)
        return type == .remoteJoin ? .join(target, rooms: rooms) : .leave(target, rooms: rooms)
    }

    private static func change(
        ofOne message: MessageObject, _ type: ClassicMessageType
    ) throws(FormatError) -> Content {
        let socket = try message.identifier(.sid)
        let requestID = try message.identifier(.requestID)
        if type == .remoteDisconnect {
            return .disconnectOne(socket: socket, close: message.flag(.close), requestID: requestID)
        }
        let room = try message.room(.room)
        return type == .remoteJoin
            ? .joinOne(socket: socket, room: room, requestID: requestID)
            : .leaveOne(socket: socket, room: room, requestID: requestID)
    }
}
