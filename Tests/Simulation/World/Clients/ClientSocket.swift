import Actors
import Transport

/// One client in one namespace, as the official client has it: it keeps its secret and the last string it got for an offset
/// across sessions.
final class ClientSocket {
    /// What an acknowledgement answers.
    enum Pending {
        case message(Message)
        case requests([ClientRequest], data: Int)
    }

    enum Phase {
        case disconnected
        /// The server has been pendingRequests to let it in.
        case connecting
        case connected
    }

    let namespace: String
    unowned let client: SimulatedClient
    private(set) var phase = Phase.disconnected
    private(set) var id: SessionID?
    private var privateID: SessionID?
    private var lastOffset: String?
    private(set) var session: ReferenceModel.Session?
    /// Under which it has the session.
    private var ownerEpoch: UInt32?
    /// How much of what its session is to get it has got.
    private(set) var receivedCount = 0
    private var pending: [Int: Pending] = [:]
    /// The requests without an answer, the oldest first.
    private var pendingRequests: [Int] = []
    /// What was pending before it left the namespace on this connection.
    private var cancelled: Set<Int> = []
    private var lastNumber = 0
    /// The request that last concerned each room.
    private(set) var lastRequests: [String: Int] = [:]
    /// The questions that it has got.
    private var questions: Set<Int> = []
    /// The answers that it gives later.
    private var lateAnswers: [(time: Int, number: Int, arguments: [Argument])] = []

    init(_ namespace: String, of client: SimulatedClient) {
        self.namespace = namespace
        self.client = client
    }

    var world: World { client.world }
    var record: Record { client.world.record }
    var isConnected: Bool { phase == .connected }

    // MARK: Connecting

    /// - Parameter handshake: what it says of itself, beside its session.
    func connect(_ handshake: [(String, JSONText)]) {
        var auth = handshake
        if let privateID {
            auth.append(("pid", JSONText(string: privateID.description)))
            if let lastOffset { auth.append(("offset", JSONText(string: lastOffset))) }
            if let lastOffset, let epoch = world.epoch, !lastOffset.hasPrefix(epoch) { record.note(.staleOffset) }
        }
        phase = .connecting
        let data = JSONText(object: auth)
        record.trace("client \(client.number), \(client.kind), asks for \(namespace): \(data)")
        client.send(ClientPacket.connect(to: namespace, data))
    }

    /// The client leaves the namespace, and its connection goes on.
    func disconnect() {
        client.send(ClientPacket.disconnect(from: namespace))
        cancelled.formUnion(pending.keys)
        clear()
    }

    /// The connection is over.
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
        record.require(phase == .connecting, .settles, "client \(client.number) is let into \(namespace) unasked")
        phase = .connected
        if privateID != self.privateID {
            receivedCount = 0
            lastRequests = [:]
            questions = []
            client.sessionBegan(in: self)
        }
        self.privateID = privateID
        self.id = id
        session = world.session(id)
        record.require(
            session.map { $0.namespace == namespace } ?? true, .settles,
            "client \(client.number) is \(id) in \(namespace), which is of another one"
        )
        ownerEpoch = session?.ownerEpoch
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

    /// Sends an event for others, with what they are to get.
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

    /// Time has passed.
    func sendLateAnswers() {
        while let (time, number, arguments) = lateAnswers.first, world.milliseconds >= time {
            lateAnswers.removeFirst()
            answer(number, arguments)
        }
    }

    private func answer(_ number: Int, _ arguments: [Argument]) {
        if let question = arguments.number { world.questions.answered(question) }
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
                "client \(client.number) is refused in \(namespace): \(message ?? "")")
            clear()
        case .disconnect:
            // One that it crossed with its own is for a socket that is gone.
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
            // It is one of the session that the client has just left.
            return record.require(
                namespace != "/", .settles, "client \(client.number) gets an event before it is let in")
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
                offset != nil, .offsetIsCovered, "client \(client.number) takes \(text ?? name) for an offset")
        }
        if let offset { check(offset) }
    }

    /// The server asks something and waits for the answer.
    private func receiveQuestion(_ name: String, _ arguments: [Argument], _ number: Int) {
        guard name == EventText.question, let question = arguments.number, questions.insert(question).inserted else {
            return record.require(
                false, .answersAreCorrect,
                "client \(client.number) gets \(name) \(arguments), which it had or never was")
        }
        check(question: question)
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
                "client \(client.number) gets answer \(number) in \(namespace), which it does not await")
        }
        switch pending {
        case .message(let message):
            let id: Int64? =
                if case .json(let value)? = arguments.first { value[member: "id"]?.integer.map(Int64.init) } else {
                    nil
                }
            client.acknowledged(message, as: id)
        case .requests(let requests, let data):
            record.require(
                pendingRequests.first == number, .handlerOrderIsKept,
                "client \(client.number) has answer \(number), and \(pendingRequests.first ?? 0) is due")
            pendingRequests.removeFirst()
            record.require(
                arguments.number == data, .dataIsIntact, "client \(client.number) has \(arguments), and sent \(data)")
            check(requests, number, arguments)
        }
    }

    // MARK: Judging

    /// One of the events that its session is to get has come.
    func countEvent() {
        receivedCount += 1
    }

    /// The requests whose answer is due next.
    var oldestRequests: [ClientRequest] {
        guard let number = pendingRequests.first, case .requests(let requests, _)? = pending[number] else { return [] }
        return requests
    }
}
