import Actors

/// The channels of one namespace in the format of the official Redis adapter, and this host's id in it.
struct RedisNamespace {
    let name: String
    /// The id of this host among the nodes of the namespace.
    let uid: String
    let channels: ClassicChannels
    /// The number of this host's latest message in the namespace.
    private var lastSent: Int?
    /// The numbers of other hosts' latest messages in the namespace.
    private var lastSeen: [String: Int] = [:]

    /// - Parameter random: 64 random bits.
    init(_ name: String, prefix: String, random: UInt64) {
        self.name = name
        uid = ClassicRequest.makeID(random: random)
        channels = ClassicChannels(prefix: prefix, namespace: name)
    }

    /// The channels to subscribe to; the pattern is another subscription.
    var exact: [String] { [channels.requests, channels.answers, channels.answers(for: uid), channels.own] }

    /// The channel and the payload of a message. One that cannot be sent becomes a marker, so that it comes back.
    /// - Parameters:
    ///   - node: the id of this host in all namespaces.
    ///   - message: a message of this namespace.
    mutating func encode(_ message: OutgoingMessage, node: String) -> (channel: String, payload: [UInt8]) {
        let stamp = EventStamp(
            node: node, number: Int(clamping: message.number), previous: lastSent,
            row: message.row.map { Int(clamping: $0) })
        lastSent = stamp.number
        switch message.message {
        case .event(let broadcast):
            guard let packet = broadcast.packet else { break }
            let event = ClassicBroadcast(
                uid: uid, namespace: name, packet: packet, target: broadcast.target, stamp: stamp)
            return (channels.broadcasts(for: broadcast.target), event.encoded)
        case .change(let selection, let change):
            return (channels.requests, request(change.content(of: selection), stamp))
        case .serverEvent(let event):
            return (channels.requests, request(.serverEvent(event, requestID: nil), stamp))
        case .host(let message): return (channels.own, message.encoded(stamp))
        case .marker: break
        }
        return (channels.own, ClassicMarker(stamp).encoded)
    }

    /// The channel and the payload of a marker that tells the number of this host's latest message again. After a new
    /// connection, hosts that have lost it learn that before the next message. Nil if there was no message.
    func encodeLatest(node: String) -> (channel: String, payload: [UInt8])? {
        lastSent.map { latest in
            (channels.own, ClassicMarker(EventStamp(node: node, number: latest, previous: latest, row: nil)).encoded)
        }
    }

    private func request(_ content: ClassicRequest.Content, _ stamp: EventStamp?) -> [UInt8] {
        ClassicRequest(uid: uid, content: content, stamp: stamp).encoded(namespace: name)
    }

    /// The channel and the payload of a question.
    func encode(_ question: BackplaneQuestion, requestID: String) -> (channel: String, payload: [UInt8])? {
        let content: ClassicRequest.Content
        switch question {
        case .sockets(let selection): content = .fetch(MessageTarget(selection), requestID: requestID)
        case .rooms: content = .allRooms(requestID: requestID)
        case .clients(let broadcast):
            guard let packet = broadcast.packet else { return nil }
            content = .broadcast(packet, broadcast.target, requestID: requestID)
        case .servers(let event): content = .serverEvent(event, requestID: requestID)
        }
        return (channels.requests, request(content, nil))
    }

    /// The channel and the payload of an answer. Official nodes listen to the common channel in every version. The
    /// namespace may have been released since the question came, so only its name is needed.
    static func encode(
        _ answer: BackplaneAnswer, to asker: BackplaneAsker, prefix: String
    ) -> (channel: String, payload: [UInt8]) {
        let content: ClassicResponse.Content =
            switch answer {
            case .sockets(let sockets): .sockets(sockets.map { SocketDescription($0) })
            case .rooms(let rooms): .rooms(rooms)
            case .clientCount(let count): .clientCount(count)
            case .acknowledgement(let arguments): .acknowledgement(arguments.first)
            case .result(let arguments): .serverAnswer(arguments.first)
            }
        let channels = ClassicChannels(prefix: prefix, namespace: asker.namespace)
        return (channels.answers, ClassicResponse(requestID: asker.request, content: content).encoded)
    }

    /// What the stamp of another host's message means.
    enum Sighting {
        /// The message follows the previous one of its host.
        case next
        /// It is the first message of its host since the connection began.
        case first
        /// Messages of its host are lost.
        case gap
    }

    /// The number of hosts whose numbers are remembered. Beyond it all are forgotten, and learnt again.
    static let maxHosts = 1000

    /// Notes a message of another host.
    mutating func see(_ stamp: EventStamp) -> Sighting {
        let last = lastSeen[stamp.node]
        if last == nil, lastSeen.count >= Self.maxHosts { lastSeen = [:] }
        lastSeen[stamp.node] = max(last ?? 0, stamp.number)
        guard let last else { return .first }
        return stamp.previous.map { $0 > last } ?? false ? .gap : .next
    }

    /// Forgets the messages of other hosts, of which some may be lost.
    mutating func forgetOthers() {
        lastSeen = [:]
    }

    /// What a payload contains.
    enum Content {
        case message(BackplaneMessage, EventStamp?)
        case question(BackplaneQuestion, BackplaneAsker)
        case answer(ClassicResponse)
    }

    /// Decodes a payload.
    /// - Returns: nil for one that is not for this host.
    /// - Throws: ``FormatError`` if it is malformed or exceeds a limit.
    func decode(_ payload: [UInt8], from channel: String) throws(FormatError) -> Content? {
        switch channels.place(of: channel) {
        case .broadcasts:
            let event = try ClassicBroadcast(payload)
            guard event.namespace == name else { return nil }
            return .message(.event(Broadcast(event.packet, to: event.target, namespace: name)), event.stamp)
        case .requests: return content(of: try ClassicRequest(payload, namespace: name))
        case .own:
            let own = try ClassicMarker(payload, namespace: name)
            return .message(own.message.map { .host($0) } ?? .marker(namespace: name), own.stamp)
        case .answers: return .answer(try ClassicResponse(payload))
        case nil: return nil
        }
    }

    private func content(of request: ClassicRequest) -> Content? {
        if let message = request.content.message(in: name) { return .message(message, request.stamp) }
        guard request.uid != uid, let (question, requestID) = request.content.question(in: name) else { return nil }
        return .question(
            question, BackplaneAsker(node: request.uid ?? "", namespace: name, request: requestID))
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
