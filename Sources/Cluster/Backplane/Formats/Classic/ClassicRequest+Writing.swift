import Actors

extension ClassicRequest {
    /// The payload: MessagePack for a broadcast with acknowledgements, else JSON. In JSON, binary data becomes what
    /// Node's `JSON.stringify` makes of a buffer.
    /// - Parameter namespace: The namespace of the channel.
    package func encoded(namespace: String) -> [UInt8] {
        let fixed: [(MessageKey, MessageTree?)] = [
            (.uid, uid.map { .text($0) }), (.type, .number(type.rawValue)), (.chatd, stamp?.tree),
        ]
        let tree = MessageTree.object(fixed + members(namespace))
        return type == .broadcast ? tree.messagePack : tree.json
    }

    private var type: ClassicMessageType {
        switch content {
        case .socketIDs: .sockets
        case .allRooms: .allRooms
        case .join, .joinOne: .remoteJoin
        case .leave, .leaveOne: .remoteLeave
        case .disconnect, .disconnectOne: .remoteDisconnect
        case .fetch: .remoteFetch
        case .serverEvent: .serverSideEmit
        case .broadcast: .broadcast
        }
    }

    private func members(_ namespace: String) -> [(MessageKey, MessageTree?)] {
        switch content {
        case .socketIDs(let rooms, let requestID):
            [(.requestID, .text(requestID)), (.rooms, .texts(rooms))]
        case .allRooms(let requestID):
            [(.requestID, .text(requestID))]
        case .join(let target, let rooms), .leave(let target, let rooms):
            [(.opts, target.tree()), (.rooms, .texts(rooms))]
        case .disconnect(let target, let close):
            [(.opts, target.tree()), (.close, .flag(close))]
        case .joinOne(let socket, let room, let requestID), .leaveOne(let socket, let room, let requestID):
            [(.requestID, .text(requestID)), (.sid, .text(socket)), (.room, .text(room))]
        case .disconnectOne(let socket, let close, let requestID):
            [(.requestID, .text(requestID)), (.sid, .text(socket)), (.close, .flag(close))]
        case .fetch(let target, let requestID):
            [(.requestID, .text(requestID)), (.opts, target.tree())]
        case .serverEvent(let event, let requestID):
            [(.requestID, requestID.map { .text($0) }), (.data, .value(event.list))]
        case .broadcast(let packet, let target, let requestID):
            [(.requestID, .text(requestID)), (.packet, packet.tree(namespace: namespace)), (.opts, target.tree())]
        }
    }
}
