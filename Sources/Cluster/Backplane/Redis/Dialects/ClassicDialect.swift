import Actors

/// The format of the Redis adapter with PUBLISH.
struct ClassicDialect: RedisDialect {
    let uid: String
    private let name: String
    private let names: ClassicChannels

    /// - Parameters:
    ///   - channels: the channels of the namespace.
    ///   - namespace: the namespace, with its leading slash.
    ///   - uid: the id of this host in it, or that of emitters.
    init(_ channels: ClassicChannels, of namespace: String, uid: String) {
        names = channels
        name = namespace
        self.uid = uid
    }

    var channels: [String] { [names.requests, names.answers, names.answers(for: uid)] }
    var pattern: String? { names.pattern }
    var counted: String { names.requests }

    func makeRequestID(random: UInt64) -> String { ClassicRequest.makeID(random: random) }

    func encode(_ message: BackplaneMessage, _ stamp: EventStamp?) -> (channel: String, payload: [UInt8])? {
        switch message {
        case .event(let broadcast):
            guard let packet = broadcast.packet else { return nil }
            let event = ClassicBroadcast(
                uid: uid, namespace: name, packet: packet, target: broadcast.target, stamp: stamp)
            return (names.broadcasts(for: broadcast.target), event.encoded)
        case .change(let selection, let change):
            // The official emitter sends no id with a change.
            return request(change.content(of: selection), stamp, uid: uid == ClusterMessage.emitterID ? nil : uid)
        case .serverEvent(let event): return request(.serverEvent(event, requestID: nil), stamp, uid: uid)
        case .marker, .roomMarker, .host: return nil
        }
    }

    private func request(
        _ content: ClassicRequest.Content, _ stamp: EventStamp?, uid: String?
    ) -> (channel: String, payload: [UInt8]) {
        (names.requests, ClassicRequest(uid: uid, content: content, stamp: stamp).encoded(namespace: name))
    }

    func encode(
        _ question: BackplaneQuestion, requestID: String, after: EntryID?
    ) -> (channel: String, payload: [UInt8])? {
        let content: ClassicRequest.Content
        switch question {
        case .sockets(let selection): content = .fetch(MessageTarget(selection), requestID: requestID)
        case .rooms: content = .allRooms(requestID: requestID)
        case .clients(let broadcast):
            guard let packet = broadcast.packet else { return nil }
            content = .broadcast(packet, broadcast.target, requestID: requestID)
        case .servers(let event): content = .serverEvent(event, requestID: requestID)
        }
        return request(content, nil, uid: uid)
    }

    /// Official nodes listen to the common channel in every version.
    func encode(_ answer: BackplaneAnswer, to asker: BackplaneAsker) -> (channel: String, payload: [UInt8]) {
        let content: ClassicResponse.Content =
            switch answer {
            case .sockets(let sockets): .sockets(sockets.map { SocketDescription($0) })
            case .rooms(let rooms): .rooms(rooms)
            case .clientCount(let count): .clientCount(count)
            case .acknowledgement(let arguments): .acknowledgement(arguments.first)
            case .result(let arguments): .serverAnswer(arguments.first)
            }
        return (names.answers, ClassicResponse(requestID: asker.request, content: content).encoded)
    }

    func decode(_ payload: [UInt8], from channel: String) throws(FormatError) -> RedisContent? {
        switch names.place(of: channel) {
        case .broadcasts:
            let event = try ClassicBroadcast(payload)
            guard event.namespace == name else { return nil }
            return .message(.event(Broadcast(event.packet, to: event.target, namespace: name)), event.stamp)
        case .requests: return content(of: try ClassicRequest(payload, namespace: name))
        case .answers: return try ClassicResponse(payload).answer.map { .answer($0) }
        case .own, nil: return nil
        }
    }

    private func content(of request: ClassicRequest) -> RedisContent? {
        if let message = request.content.message(in: name) { return .message(message, request.stamp) }
        guard request.uid != uid, let (question, requestID) = request.content.question(in: name) else { return nil }
        return .question(
            question, BackplaneAsker(node: request.uid ?? "", namespace: name, request: requestID), after: nil)
    }
}

extension SocketChange {
    fileprivate func content(of selection: SocketSelection) -> ClassicRequest.Content {
        let target = MessageTarget(selection)
        return switch self {
        case .join(let rooms): .join(target, rooms: rooms)
        case .leave(let rooms): .leave(target, rooms: rooms)
        case .disconnect(let close): .disconnect(target, close: close)
        }
    }
}

extension ClassicRequest.Content {
    /// The message for the hub; nil for a question.
    fileprivate func message(in namespace: String) -> BackplaneMessage? {
        switch self {
        case .join(let target, let rooms): .change(target.selection(in: namespace), .join(rooms))
        case .leave(let target, let rooms): .change(target.selection(in: namespace), .leave(rooms))
        case .disconnect(let target, let close):
            .change(target.selection(in: namespace), .disconnect(close: close))
        case .joinOne(let socket, let room, _): .change(Self.one(socket, namespace), .join([room]))
        case .leaveOne(let socket, let room, _): .change(Self.one(socket, namespace), .leave([room]))
        case .disconnectOne(let socket, let close, _):
            .change(Self.one(socket, namespace), .disconnect(close: close))
        case .serverEvent(let event, nil): .serverEvent(event)
        case .socketIDs, .allRooms, .fetch, .serverEvent, .broadcast: nil
        }
    }

    /// The question of another node, and its id.
    fileprivate func question(in namespace: String) -> (question: BackplaneQuestion, requestID: String)? {
        switch self {
        case .fetch(let target, let id): (.sockets(target.selection(in: namespace)), id)
        case .allRooms(let id): (.rooms(namespace: namespace), id)
        case .serverEvent(let event, let id?): (.servers(event), id)
        case .broadcast(let packet, let target, let id):
            (.clients(Broadcast(packet, to: target, namespace: namespace)), id)
        default: nil
        }
    }

    private static func one(_ socket: String, _ namespace: String) -> SocketSelection {
        SocketSelection(namespace: namespace, rooms: [socket], exceptions: [])
    }
}

extension ClassicResponse {
    /// The answer to a question of this host; nil for one to an earlier form of request.
    fileprivate var answer: RedisAnswer? {
        let answer: BackplaneAnswer
        switch content {
        case .socketIDs, .done: return nil
        case .rooms(let rooms): answer = .rooms(rooms)
        case .sockets(let sockets): answer = .sockets(sockets.compactMap { FetchedSocket($0) })
        case .serverAnswer(let value): answer = .result(value.argument)
        case .clientCount(let count): answer = .clientCount(count)
        case .acknowledgement(let value): answer = .acknowledgement(value.argument)
        }
        return RedisAnswer(requestID: requestID, answer: answer)
    }
}
