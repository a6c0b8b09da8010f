import Actors

/// The format of the sharded Redis adapter, and of what the Redis Streams adapter publishes.
///
/// What this host publishes goes to the channel of all nodes, also an event for one room, which official servers
/// publish in a channel of the room. All nodes read both. In one channel the messages have one order: a socket that
/// joins a room by `socketsJoin` gets the events that follow, although its host has not subscribed to the channel of
/// the room yet.
struct ShardedDialect: RedisDialect {
    let uid: String
    private let name: String
    private let names: ShardedChannels
    private let encoding: ClusterEncoding

    /// - Parameters:
    ///   - channels: the channels of the namespace.
    ///   - namespace: the namespace, with its leading slash.
    ///   - uid: the id of this host in it, or that of emitters.
    ///   - encoding: how messages are encoded.
    init(_ channels: ShardedChannels, of namespace: String, uid: String, encoding: ClusterEncoding = .sharded) {
        self.encoding = encoding
        names = channels
        name = namespace
        self.uid = uid
    }

    var channels: [String] { [names.all, names.answers(for: uid)] }
    var pattern: String? { nil }
    var counted: String { names.all }

    func makeRequestID(random: UInt64) -> String { ClusterMessage.makeID(random: random) }

    func encode(_ message: BackplaneMessage, _ stamp: EventStamp?) -> (channel: String, payload: [UInt8])? {
        ClusterMessage.Content(message).map { encode($0, stamp, in: names.all) }
    }

    func encode(
        _ question: BackplaneQuestion, requestID: String, after: EntryID?
    ) -> (channel: String, payload: [UInt8])? {
        ClusterMessage.Content(question, requestID: requestID).map { encode($0, after: after, in: names.all) }
    }

    func encode(_ answer: BackplaneAnswer, to asker: BackplaneAsker) -> (channel: String, payload: [UInt8]) {
        // No node asks for rooms in this format, so there is an answer.
        let content = ClusterMessage.Content(answer, requestID: asker.request)
        return encode(content ?? .sockets([], requestID: asker.request), in: names.answers(for: asker.node))
    }

    private func encode(
        _ content: ClusterMessage.Content, _ stamp: EventStamp? = nil, after: EntryID? = nil, in channel: String
    ) -> (channel: String, payload: [UInt8]) {
        let message = ClusterMessage(uid: uid, namespace: name, content: content, stamp: stamp, after: after)
        return (channel, message.encoded(for: encoding))
    }

    func decode(_ payload: [UInt8], from channel: String) throws(FormatError) -> RedisContent? {
        let message = try ClusterMessage(payload)
        guard message.namespace == name else { return nil }
        if let answer = message.content.answer { return .answer(answer) }
        if let content = message.content.message(in: name) { return .message(content, message.stamp) }
        guard message.isFromNode, message.uid != uid, let (question, id) = message.content.question(in: name) else {
            return nil
        }
        return .question(
            question, BackplaneAsker(node: message.uid, namespace: name, request: id), after: message.after)
    }
}

extension ClusterMessage.Content {
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
