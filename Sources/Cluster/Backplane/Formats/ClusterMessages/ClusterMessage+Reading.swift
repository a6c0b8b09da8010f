import Actors

extension ClusterMessage {
    /// Reads a whole message, in JSON or MessagePack.
    /// - Throws: ``FormatError`` if the bytes are not a message, or exceed a limit.
    package init(_ bytes: [UInt8], limits: FormatLimits = FormatLimits()) throws(FormatError) {
        try self.init(try MessageObject(try MixedValue(message: bytes, limits: limits), limits: limits))
    }

    init(_ message: MessageObject) throws(FormatError) {
        let namespace = try message.namespace()
        self.init(
            uid: try message.identifier(.uid), namespace: namespace,
            content: try Content(try message.type(), of: namespace) { () throws(FormatError) in
                try message.object(.data)
            },
            stamp: try EventStamp(of: message),
            after: try message.optionalIdentifier(.after).flatMap { EntryID($0) })
    }
}

extension ClusterMessage.Content {
    /// Reads the content of a message.
    /// - Parameters:
    ///   - number: The type.
    ///   - namespace: The namespace of the message.
    ///   - data: Reads the object with the content, which some types do not have.
    init(
        _ number: Int, of namespace: String, _ data: () throws(FormatError) -> MessageObject
    ) throws(FormatError) {
        guard let type = ClusterMessageType(rawValue: number) else { throw .unknownType(number) }
        switch type {
        case .initialHeartbeat: self = .initialHeartbeat
        case .heartbeat: self = .heartbeat
        case .adapterClose: self = .close
        default: self = try Self.read(type, try data(), namespace)
        }
    }

    private static func read(
        _ type: ClusterMessageType, _ data: MessageObject, _ namespace: String
    ) throws(FormatError) -> Self {
        switch type {
        case .broadcast:
            .broadcast(
                try EventPacket(try data.object(.packet)), try MessageTarget(of: data),
                requestID: try data.optionalIdentifier(.requestID))
        case .socketsJoin: .join(try MessageTarget(of: data), rooms: try data.rooms(.rooms))
        case .socketsLeave: .leave(try MessageTarget(of: data), rooms: try data.rooms(.rooms))
        case .disconnectSockets: .disconnect(try MessageTarget(of: data), close: data.flag(.close))
        case .fetchSockets: .fetch(try MessageTarget(of: data), requestID: try data.identifier(.requestID))
        case .fetchSocketsResponse:
            .sockets(try SocketDescription.all(in: data), requestID: try data.identifier(.requestID))
        case .serverSideEmit:
            .serverEvent(
                try ServerEvent(data, .packet, namespace: namespace),
                requestID: try data.optionalIdentifier(.requestID))
        case .serverSideEmitResponse:
            .serverAnswer(data.value(.packet), requestID: try data.identifier(.requestID))
        case .broadcastClientCount:
            .clientCount(
                try data.number(.clientCount, in: 0...Int(Int32.max)), requestID: try data.identifier(.requestID))
        case .broadcastAcknowledgement:
            .acknowledgement(data.value(.packet), requestID: try data.identifier(.requestID))
        case .initialHeartbeat, .heartbeat, .adapterClose:
            throw .unknownType(type.rawValue)
        }
    }
}
