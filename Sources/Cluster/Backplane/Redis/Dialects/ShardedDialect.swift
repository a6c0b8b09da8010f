import Actors

/// The format of the sharded Redis adapter.
///
/// What this host publishes goes to the channel of all nodes, also an event for one room, which official servers
/// publish in a channel of the room. All nodes read both. In one channel the messages have one order: a socket that
/// joins a room by `socketsJoin` gets the events that follow, although its host has not subscribed to the channel of
/// the room yet.
struct ShardedDialect: RedisDialect {
    let uid: String
    private let name: String
    private let names: ShardedChannels

    /// - Parameters:
    ///   - channels: the channels of the namespace.
    ///   - namespace: the namespace, with its leading slash.
    ///   - uid: the id of this host in it, or that of emitters.
    init(_ channels: ShardedChannels, of namespace: String, uid: String) {
        names = channels
        name = namespace
        self.uid = uid
    }

    var channels: [String] { [names.all, names.answers(for: uid)] }
    var pattern: String? { nil }
    var counted: String { names.all }

    func makeRequestID(random: UInt64) -> String { ClusterMessage.makeID(random: random) }

    func encode(_ message: BackplaneMessage, _ stamp: EventStamp?) -> (channel: String, payload: [UInt8])? {
        switch message {
        case .event(let broadcast):
            guard let packet = broadcast.packet else { return nil }
            return encode(.broadcast(packet, broadcast.target, requestID: nil), stamp, in: names.all)
        case .change(let selection, let change): return encode(change.content(of: selection), stamp, in: names.all)
        case .serverEvent(let event): return encode(.serverEvent(event, requestID: nil), stamp, in: names.all)
        case .marker, .roomMarker: return nil
        }
    }

    private func encode(
        _ content: ClusterMessage.Content, _ stamp: EventStamp? = nil, in channel: String
    ) -> (channel: String, payload: [UInt8]) {
        let message = ClusterMessage(uid: uid, namespace: name, content: content, stamp: stamp)
        return (channel, message.encoded(for: .sharded))
    }

    func encode(_ question: BackplaneQuestion, requestID: String) -> (channel: String, payload: [UInt8])? {
        switch question {
        case .sockets(let selection):
            return encode(.fetch(MessageTarget(selection), requestID: requestID), in: names.all)
        case .rooms: return nil
        case .clients(let broadcast):
            guard let packet = broadcast.packet else { return nil }
            return encode(.broadcast(packet, broadcast.target, requestID: requestID), in: names.all)
        case .servers(let event): return encode(.serverEvent(event, requestID: requestID), in: names.all)
        }
    }

    func encode(_ answer: BackplaneAnswer, to asker: BackplaneAsker) -> (channel: String, payload: [UInt8]) {
        let id = asker.request
        let content: ClusterMessage.Content =
            switch answer {
            case .sockets(let sockets): .sockets(sockets.map { SocketDescription($0) }, requestID: id)
            // No node asks for rooms in this format.
            case .rooms: .sockets([], requestID: id)
            case .clientCount(let count): .clientCount(count, requestID: id)
            case .acknowledgement(let arguments): .acknowledgement(arguments.first, requestID: id)
            case .result(let arguments): .serverAnswer(arguments.first, requestID: id)
            }
        return encode(content, in: names.answers(for: asker.node))
    }

    func decode(_ payload: [UInt8], from channel: String) throws(FormatError) -> RedisContent? {
        let message = try ClusterMessage(payload)
        guard message.namespace == name else { return nil }
        if let answer = message.content.answer { return .answer(answer) }
        if let content = message.content.message(in: name) { return .message(content, message.stamp) }
        guard message.isFromNode, message.uid != uid, let (question, id) = message.content.question(in: name) else {
            return nil
        }
        return .question(question, BackplaneAsker(node: message.uid, namespace: name, request: id))
    }
}

extension SocketChange {
    fileprivate func content(of selection: SocketSelection) -> ClusterMessage.Content {
        let target = MessageTarget(selection)
        return switch self {
        case .join(let rooms): .join(target, rooms: rooms)
        case .leave(let rooms): .leave(target, rooms: rooms)
        case .disconnect(let close): .disconnect(target, close: close)
        }
    }
}

extension ClusterMessage.Content {
    /// The message for the hub; nil for a question or an answer.
    fileprivate func message(in namespace: String) -> BackplaneMessage? {
        switch self {
        case .broadcast(let packet, let target, requestID: nil):
            .event(Broadcast(packet, to: target, namespace: namespace))
        case .join(let target, let rooms): .change(target.selection(in: namespace), .join(rooms))
        case .leave(let target, let rooms): .change(target.selection(in: namespace), .leave(rooms))
        case .disconnect(let target, let close): .change(target.selection(in: namespace), .disconnect(close: close))
        case .serverEvent(let event, requestID: nil): .serverEvent(event)
        default: nil
        }
    }

    /// The question of another node, and its id.
    fileprivate func question(in namespace: String) -> (question: BackplaneQuestion, requestID: String)? {
        switch self {
        case .fetch(let target, let id): (.sockets(target.selection(in: namespace)), id)
        case .serverEvent(let event, let id?): (.servers(event), id)
        case .broadcast(let packet, let target, let id?):
            (.clients(Broadcast(packet, to: target, namespace: namespace)), id)
        default: nil
        }
    }

    /// The answer to a question of this host.
    fileprivate var answer: RedisAnswer? {
        switch self {
        case .sockets(let sockets, let id):
            RedisAnswer(requestID: id, answer: .sockets(sockets.compactMap { FetchedSocket($0) }))
        case .serverAnswer(let value, let id): RedisAnswer(requestID: id, answer: .result(value.argument))
        case .clientCount(let count, let id): RedisAnswer(requestID: id, answer: .clientCount(count))
        case .acknowledgement(let value, let id):
            RedisAnswer(requestID: id, answer: .acknowledgement(value.argument))
        default: nil
        }
    }
}
