import Actors

extension ClusterMessage {
    /// The whole message in the encoding that an adapter uses.
    package func encoded(for adapter: ClusterEncoding) -> [UInt8] {
        let tree = tree
        return adapter.usesMessagePack(for: self, tree) ? tree.messagePack : tree.json
    }
}

extension ClusterMessage: MessageTreeConvertible {
    var tree: MessageTree {
        .object([
            (.type, .number(content.type.rawValue)), (.data, content.data), (.uid, .text(uid)),
            (.nsp, .text(namespace)), (.chatd, stamp?.tree), (.after, after.map { .text($0.description) }),
        ])
    }
}

extension ClusterMessage.Content {
    var type: ClusterMessageType {
        switch self {
        case .initialHeartbeat: .initialHeartbeat
        case .heartbeat: .heartbeat
        case .close: .adapterClose
        case .broadcast: .broadcast
        case .join: .socketsJoin
        case .leave: .socketsLeave
        case .disconnect: .disconnectSockets
        case .fetch: .fetchSockets
        case .sockets: .fetchSocketsResponse
        case .serverEvent: .serverSideEmit
        case .serverAnswer: .serverSideEmitResponse
        case .clientCount: .broadcastClientCount
        case .acknowledgement: .broadcastAcknowledgement
        }
    }

    /// The object with the content; nil for a type without one.
    var data: MessageTree? {
        switch self {
        case .initialHeartbeat, .heartbeat, .close:
            nil
        case .broadcast(let packet, let target, let requestID):
            .object([(.packet, packet.tree()), (.opts, target.tree()), (.requestID, requestID.map { .text($0) })])
        case .join(let target, let rooms), .leave(let target, let rooms):
            .object([(.opts, target.tree()), (.rooms, .texts(rooms))])
        case .disconnect(let target, let close):
            .object([(.opts, target.tree()), (.close, .flag(close))])
        case .fetch(let target, let requestID):
            .object([(.opts, target.tree()), (.requestID, .text(requestID))])
        case .sockets(let sockets, let requestID):
            .object([(.requestID, .text(requestID)), (.sockets, .list(sockets.map(\.tree)))])
        case .serverEvent(let event, let requestID):
            .object([(.packet, .value(event.list)), (.requestID, requestID.map { .text($0) })])
        case .serverAnswer(let value, let requestID), .acknowledgement(let value, let requestID):
            .object([(.requestID, .text(requestID)), (.packet, .value(value))])
        case .clientCount(let count, let requestID):
            .object([(.requestID, .text(requestID)), (.clientCount, .number(count))])
        }
    }
}
