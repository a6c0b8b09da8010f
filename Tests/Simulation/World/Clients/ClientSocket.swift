import Actors
import Transport

/// A client's socket in one namespace. Like the official client, it keeps its private session id across sessions, and
/// the last string argument as its offset.
final class ClientSocket {
    /// The sent events that await an acknowledgement.
    enum Pending {
        case message(Message)
        case requests([ClientRequest], data: Int)
    }

    enum Phase {
        case disconnected
        /// The client has sent a connect packet.
        case connecting
        case connected
    }

    let namespace: String
    unowned let client: SimulatedClient
    private(set) var phase = Phase.disconnected
    private(set) var id: SessionID?
    private var privateID: SessionID?
    private var lastOffset: String?
    private(set) var session: HubOracle.Session?
    /// The session's owner epoch on this connection; nil if it is not known.
    private(set) var ownerEpoch: UInt32?
    /// The owner epoch of the session that this connection's claim yields, unless other claims are answered before.
    private var expectedEpoch: UInt32?
    /// The number of session events that have arrived or were skipped as volatile.
    private(set) var receivedCount = 0
    /// The numbers of the events that have arrived.
    private var receivedNumbers: Set<Int> = []
    private var pending: [Int: Pending] = [:]
    /// The numbers of the unacknowledged requests, oldest first.
    private var pendingRequests: [Int] = []
    /// The numbers of events that were pending when the client left the namespace on this connection.
    private var cancelled: Set<Int> = []
    private var lastNumber = 0
    /// The number of the last request for each room.
    private(set) var lastRequests: [String: Int] = [:]
    /// The questions received in this session.
    private var questions: Set<Int> = []
    /// The delayed answers.
    private var lateAnswers: [(time: Int, number: Int, arguments: [Argument])] = []

    init(_ namespace: String, of client: SimulatedClient) {
        self.namespace = namespace
        self.client = client
    }

    var world: World { client.world }
    var record: Record { client.world.record }
    var isConnected: Bool { phase == .connected }

    // MARK: Connecting

    /// - Parameter handshake: the handshake data, without session and offset.
    func connect(_ handshake: [(String, JSONText)]) {
        var auth = handshake
        if let privateID {
            auth.append(("pid", JSONText(string: privateID.description)))
            if let lastOffset { auth.append(("offset", JSONText(string: lastOffset))) }
            if let lastOffset, world.isOfEarlierEpoch(lastOffset) { record.note(.staleOffset) }
        }
        phase = .connecting
        expectedEpoch = session.map { $0.ownerEpoch &+ 1 }
        let data = JSONText(object: auth)
        record.trace("client \(client.number), \(client.kind), connects to \(namespace): \(data)")
        client.send(ClientPacket.connect(to: namespace, data))
    }

    /// Leaves the namespace and keeps the connection.
    func disconnect() {
        client.send(ClientPacket.disconnect(from: namespace))
        cancelled.formUnion(pending.keys)
        clear()
    }

    /// Called when the connection has ended.
    func disconnected() {
        clear()
        cancelled = []
    }

    private func clear() {
        phase = .disconnected
        id = nil
        pending = [:]
        pendingRequests = []
        lateAnswers = []
    }

    private func connected(_ id: SessionID, privateID: SessionID) {
        record.require(
            phase == .connecting, .settles, "client \(client.number) is connected to \(namespace) without a request")
        phase = .connected
        let isResumed = privateID == self.privateID
        if namespace == "/", let old = self.privateID {
            let isTrusted = !world.unreadEpochs.contains(old)
            if isTrusted { client.rows.continueBefore() } else if !isResumed { client.rows.startAgain() }
        }
        if !isResumed {
            receivedCount = 0
            receivedNumbers = []
            lastRequests = [:]
            questions = []
            client.sessionBegan(in: self)
        }
        self.privateID = privateID
        self.id = id
        let earlier = session
        session = world.session(id, at: client.host)
        // A session that was restored from the broker is another one, without what the client has received.
        if isResumed, let session, session !== earlier {
            receivedCount = session.receivedCount(upTo: lastOffset.flatMap { Offset($0) })
        }
        record.require(
            session.map { $0.namespace == namespace } ?? true, .settles,
            "client \(client.number) has session \(id) of another namespace in \(namespace)"
        )
        ownerEpoch = session?.ownerEpoch
        // The hub has answered an earlier claim too, or one of an earlier connection after it. The owner may be either.
        if isResumed, ownerEpoch != expectedEpoch { ownerEpoch = nil }
        client.connected(self)
    }

    // MARK: Sending

    func sendRequests(_ requests: [ClientRequest], isAsync: Bool) {
        guard phase != .disconnected else { return }
        lastNumber += 1
        for request in requests {
            if let room = request.room { lastRequests[room] = lastNumber }
        }
        let data = world.nextNumber()
        pending[lastNumber] = .requests(requests, data: data)
        pendingRequests.append(lastNumber)
        emit(
            isAsync ? ClientRequest.asyncEvent : ClientRequest.syncEvent,
            EventText.arguments(data) + requests.map { .json($0.json) }, number: lastNumber)
    }

    /// Sends an event for the server to broadcast.
    func relay(_ number: Int, to rooms: [String]) {
        emit(
            EventText.relay, [.json(JSONText(array: rooms.map { JSONText(string: $0) }))] + EventText.arguments(number))
    }

    func send(_ message: Message) {
        lastNumber += 1
        pending[lastNumber] = .message(message)
        let content = JSONText(string: String(decoding: message.content, as: UTF8.self))
        let offset = JSONText(string: String(decoding: message.clientOffset, as: UTF8.self))
        emit(EventText.message, [.json(content), .json(offset)], number: lastNumber)
    }

    private func emit(_ event: String, _ arguments: [Argument], number: Int? = nil) {
        client.send(
            ClientPacket.encode(.event, in: namespace, number: number, [.json(JSONText(string: event))] + arguments))
    }

    /// Sends the delayed answers that are due.
    func sendLateAnswers() {
        while let (time, number, arguments) = lateAnswers.first, world.milliseconds >= time {
            lateAnswers.removeFirst()
            answer(number, arguments)
        }
    }

    private func answer(_ number: Int, _ arguments: [Argument]) {
        if let question = arguments.number {
            world.questions.answered(question)
            if let id { world.inquiries.answered(question, by: id.description, Arguments(arguments)) }
        }
        client.send(ClientPacket.encode(.acknowledgement, in: namespace, number: number, arguments))
    }

    // MARK: Receiving

    func receive(_ content: ServerPacket.Content) {
        switch content {
        case .connected(let id, let privateID): connected(id, privateID: privateID)
        case .refused(let message):
            record.note(.namespaceRefused)
            record.require(
                phase == .connecting && message == SimulatedApplication.refusal, .settles,
                "client \(client.number) is refused in \(namespace) with \(message ?? "no message")")
            clear()
        case .disconnect:
            // A disconnect packet that crosses the client's own is for the previous socket.
            guard isConnected else { return }
            session?.disconnectedEpoch = ownerEpoch
            clear()
            client.disconnectedByServer(from: self)
        case .acknowledgement(let number, let arguments): acknowledged(number, arguments)
        case .event(let name, let arguments, let number): receive(name, arguments, number)
        }
    }

    private func receive(_ name: String, _ arguments: [Argument], _ number: Int?) {
        var text: String?
        if case .json(let last)? = arguments.last { text = last.string }
        guard isConnected else {
            // The event may belong to the session that the client has just left.
            return record.require(
                namespace != "/", .settles, "client \(client.number) receives an event before it is connected")
        }
        if let text { lastOffset = text }
        if let number { return receiveQuestion(name, arguments, number) }
        let offset = text.flatMap { Offset($0) }
        switch name {
        case EventText.message: client.receiveMessage(arguments)
        case EventText.event: checkEvent(arguments)
        default:
            record.note(.nameTakenAsOffset)
            record.require(
                offset != nil, .offsetIsCovered,
                "client \(client.number) mistakes \(text ?? name) for an offset")
        }
        if let offset { check(offset) }
    }

    /// Handles a question of the server.
    private func receiveQuestion(_ name: String, _ arguments: [Argument], _ number: Int) {
        if name == EventText.inquiry, let inquiry = arguments.number, let id {
            world.inquiries.received(inquiry, id, session, after: receivedCount)
            return reply(to: number, arguments + [.json(JSONText(string: id.description))])
        }
        guard name == EventText.question, let question = arguments.number, questions.insert(question).inserted else {
            return record.require(
                false, .answersAreCorrect,
                "client \(client.number) receives \(name) \(arguments), a repeated or invalid question")
        }
        check(question: question)
        reply(to: number, arguments)
    }

    /// Answers a question at once, later, twice or never.
    private func reply(to number: Int, _ arguments: [Argument]) {
        switch world.kernel.choices.below(10) {
        case 0: record.note(.questionIgnored)
        case 1..<4:
            lateAnswers.append((world.milliseconds + world.kernel.choices.below(1500), number, arguments))
            lateAnswers.sort { ($0.time, $0.number) < ($1.time, $1.number) }
        case 4:
            record.note(.questionAnsweredTwice)
            answer(number, arguments)
            answer(number, arguments)
        default: answer(number, arguments)
        }
    }

    private func acknowledged(_ number: Int, _ arguments: [Argument]) {
        guard let pending = pending.removeValue(forKey: number) else {
            return record.require(
                cancelled.remove(number) != nil, .answersAreCorrect,
                "client \(client.number) receives the unexpected acknowledgement \(number) in \(namespace)")
        }
        switch pending {
        case .message(let message):
            let id: Int64? =
                if case .json(let value)? = arguments.first { value["id"]?.integer.map(Int64.init) } else {
                    nil
                }
            client.acknowledged(message, as: id)
        case .requests(let requests, let data):
            record.require(
                pendingRequests.first == number, .handlerOrderIsKept,
                "client \(client.number) receives acknowledgement \(number) before \(pendingRequests.first ?? 0)")
            pendingRequests.removeFirst()
            record.require(
                arguments.number == data, .dataIsIntact,
                "client \(client.number) receives \(arguments) and sent \(data)")
            check(requests, number, arguments)
        }
    }

    // MARK: Checks

    /// Notes an event that the client has received in this session, at any host.
    /// - Returns: false if it has received the event before.
    func receives(_ number: Int) -> Bool { receivedNumbers.insert(number).inserted }

    /// Counts an event of the session as received or skipped.
    func countEvent() {
        receivedCount += 1
    }

    /// The oldest unacknowledged requests.
    var oldestRequests: [ClientRequest] {
        guard let number = pendingRequests.first, case .requests(let requests, _)? = pending[number] else { return [] }
        return requests
    }
}
