import Actors
import SimulatedMachine
import Transport

/// A client as the official one and the tutorial's page behave: it keeps the last string it got for an offset across sessions,
/// sends messages one at a time and again until they are acknowledged, and counts them from `undefined-0` while it is offline.
final class SimulatedClient {
    enum Kind: CaseIterable {
        /// The tutorial's page: `retries`, and `serverOffset` from each message.
        case tutorial
        /// Sends many messages without waiting, each once.
        case pipelining
        /// Knows nothing of `serverOffset`: recovery alone brings what it missed.
        case recovering
        /// Wants the latest messages only, until it has some.
        case latest
    }

    /// What an acknowledgement answers.
    enum Awaited {
        case message(Message)
        case requests([ClientRequest], SessionID)
    }

    static let retries = 3
    /// In virtual milliseconds.
    static let acknowledgementTimeout = 3000

    let number: Int
    let kind: Kind
    unowned let world: World
    private(set) var transport: (any ClientTransport)?
    /// Names the transport.
    private(set) var transportNumber = 0
    private(set) var isConnected = false
    /// Whether it had every row when everything had come to rest: from then on it follows live.
    private var isSettled = false
    private(set) var id: SessionID?
    private var privateID: SessionID?
    private var lastOffset: String?
    private var serverOffset: Int64?
    /// The messages that are kept while there is no connection.
    private var sendBuffer: [Message] = []
    private(set) var queue: [Message] = []
    private(set) var messages: [Message] = []
    private var awaited: [Int: Awaited] = [:]
    /// Whether it has asked for details when it connected last.
    private(set) var asksForDetails = false
    private var deadline: Int?
    private var nextAcknowledgement = 0
    private var counter = 0

    /// The ids of the messages it has shown.
    private(set) var shown: [Int64] = []
    /// Up to where it has every message, before it has shown any.
    private var floor: Int64 = 0
    private var session: Witness.Session?
    /// Under which it has the session.
    private var ownerEpoch: UInt32?
    /// How much of what its session is to get it has got.
    private var received = 0
    /// The request that last concerned each room.
    private var lastRequests: [String: Int] = [:]

    init(number: Int, kind: Kind, in world: World) {
        self.number = number
        self.kind = kind
        self.world = world
        serverOffset = kind == .tutorial || kind == .pipelining ? 0 : nil
    }

    private var record: Record { world.record }

    // MARK: Connecting

    /// Opens a transport and says who it is.
    func connect(by transport: any ClientTransport, number: Int, epoch: String?) {
        self.transport = transport
        transportNumber = number
        asksForDetails = world.kernel.choices.chance(400)
        var auth: [(String, JSONText)] = []
        if let start = kind == .latest ? shown.last : serverOffset {
            auth.append(("serverOffset", JSONText(integer: Int(start))))
        }
        if kind == .latest { auth.append(("latest", JSONText(integer: number % 4))) }
        if let privateID {
            auth.append(("pid", JSONText(string: privateID.description)))
            if let lastOffset { auth.append(("offset", JSONText(string: lastOffset))) }
            if let lastOffset, let epoch, !lastOffset.hasPrefix(epoch) { record.note(.staleOffset) }
        }
        if asksForDetails { auth.append(("details", JSONText(integer: 1))) }
        auth.append(("identity", JSONText(string: self.number % 2 == 0 ? "the secret of client \(self.number)" : "")))
        let text = "40" + String(decoding: JSONText(object: auth).utf8, as: UTF8.self)
        record.trace("client \(self.number), \(kind), sends \(text)")
        transport.send(text)
    }

    /// The transport is gone, or the client leaves it.
    func disconnected() {
        transport = nil
        isSettled = false
        isConnected = false
        id = nil
        for message in queue where message.isPending { failed(message) }
        awaited = [:]
        deadline = nil
    }

    private func connected(_ id: SessionID, privateID: SessionID) {
        isConnected = true
        if privateID != self.privateID {
            received = 0
            lastRequests = [:]
            if shown.isEmpty { floor = 0 }
        }
        self.privateID = privateID
        self.id = id
        session = world.session(id)
        ownerEpoch = session?.ownerEpoch
        let unsent = sendBuffer
        sendBuffer = []
        for message in unsent { send(message) }
        drainQueue()
    }

    // MARK: Sending

    func say(_ content: String, isUnique: Bool) {
        if id == nil { record.note(.offlineOffset) }
        let name = id.map { $0.description } ?? "undefined"
        let message = Message(content, clientOffset: "\(name)-\(counter)", isUnique: isUnique)
        counter += 1
        messages.append(message)
        if kind == .pipelining {
            send(message)
        } else {
            queue.append(message)
            drainQueue()
        }
    }

    func ask(_ requests: [ClientRequest]) {
        guard isConnected, let id else { return }
        nextAcknowledgement += 1
        for request in requests {
            if let room = request.room { lastRequests[room] = nextAcknowledgement }
        }
        awaited[nextAcknowledgement] = .requests(requests, id)
        emit(ClientRequest.event, requests.map(\.json), acknowledgement: nextAcknowledgement)
    }

    private func drainQueue() {
        guard isConnected, let message = queue.first, !message.isPending else { return }
        message.isPending = true
        message.tries += 1
        if message.tries > 1 {
            record.note(.resent)
            record.require(
                !world.settings.isCalm || message.connection != transportNumber, .noEndWithoutCause,
                "client \(number) sends \(String(decoding: message.content, as: UTF8.self)) again, and nothing went wrong"
            )
        }
        deadline = world.milliseconds + Self.acknowledgementTimeout
        send(message)
    }

    private func send(_ message: Message) {
        guard isConnected else {
            sendBuffer.append(message)
            return
        }
        nextAcknowledgement += 1
        awaited[nextAcknowledgement] = .message(message)
        message.connection = transportNumber
        let content = JSONText(string: String(decoding: message.content, as: UTF8.self))
        let offset = JSONText(string: String(decoding: message.clientOffset, as: UTF8.self))
        emit(EventText.message, [content, offset], acknowledgement: nextAcknowledgement)
    }

    private func emit(_ event: String, _ arguments: [JSONText], acknowledgement: Int) {
        let array = JSONText(array: [JSONText(string: event)] + arguments)
        transport?.send("42\(acknowledgement)" + String(decoding: array.utf8, as: UTF8.self))
    }

    private func failed(_ message: Message) {
        message.isPending = false
        guard message.tries > Self.retries else { return }
        record.note(.gaveUp)
        message.isGivenUp = true
        queue.removeFirst()
    }

    /// Time has passed.
    func checkDeadline() {
        guard let deadline, world.milliseconds >= deadline, let message = queue.first, message.isPending else {
            return
        }
        self.deadline = nil
        failed(message)
        drainQueue()
    }

    /// Whether everything it had to send is answered.
    var isIdle: Bool { queue.isEmpty }

    // MARK: Receiving

    /// Takes what the network has brought, or notices the end of the transport.
    func receive() {
        guard let transport else { return }
        transport.flush()
        for text in transport.receive(
            atMost: world.kernel.choices.chance(800) ? .max : world.kernel.choices.within(1...200))
        {
            record.trace("client \(number) gets \(String(decoding: text, as: UTF8.self))")
            receive(text)
            if self.transport !== transport { return }
        }
        if transport.isAtEnd || transport.isRefused {
            world.judgeEnd(of: transport, of: self)
        }
        if transport.isRefused {
            record.note(.refusedByServer)
            return leave(.closed)
        }
        if let fault = transport.fault { record.require(false, .settles, "client \(number) gets \(fault)") }
        guard transport.isAtEnd else { return }
        record.trace("client \(number) finds its connection closed: \(transport.ending)")
        transport.leave(.closed, kernel: world.kernel)
        disconnected()
    }

    private func receive(_ text: ArraySlice<UInt8>) {
        switch text.first {
        case UInt8(ascii: "0"), UInt8(ascii: "6"): return
        case UInt8(ascii: "2"): transport?.send("3")
        case UInt8(ascii: "1"): leave(.closed)
        default:
            guard let packet = ServerPacket(text) else {
                return record.require(
                    false, .settles, "a packet that is none: \(String(decoding: text, as: UTF8.self))")
            }
            receive(packet)
        }
    }

    /// The client's side of the transport ends.
    func leave(_ departure: Departure) {
        transport?.leave(departure, kernel: world.kernel)
        disconnected()
    }

    /// `disconnect()`: the client tells the server, and keeps its secret.
    func sayGoodbye() {
        transport?.send("41")
        leave(.closed)
    }

    private func receive(_ packet: ServerPacket) {
        switch packet {
        case .connected(let id, let privateID): connected(id, privateID: privateID)
        case .putOut:
            session?.toldOutEpoch = ownerEpoch
            leave(.closed)
        case .acknowledgement(let number, let id):
            guard let awaited = awaited.removeValue(forKey: number) else { return }
            if case .message(let message) = awaited { judge(id, of: message) }
            acknowledged(number, awaited)
        case .event(let name, let arguments):
            let text = arguments.last?.string
            if let text { lastOffset = text }
            let offset = text.flatMap { Offset($0) }
            if name == EventText.message {
                show(arguments)
            } else if name == EventText.event, let number = arguments.first?.integer {
                take(number)
            } else {
                record.note(.localString)
                record.require(
                    offset != nil, .offsetIsHonest, "client \(self.number) takes \(text ?? name) for an offset")
            }
            if let offset { judge(offset) }
        }
    }

    /// Everything has come to rest.
    func settle() {
        // With small marks it may fall behind again at any time.
        guard world.settings.limits.slowMark > 100_000, isConnected,
            shown.last ?? floor == world.disk.rows.last?.id ?? 0
        else { return }
        isSettled = true
    }

    // MARK: Judging

    private func show(_ arguments: [JSONText]) {
        guard arguments.count == (asksForDetails ? 4 : 3), let id = arguments[1].integer.map(Int64.init) else {
            return record.require(false, .detailsAreTrue, "client \(number) gets \(arguments)")
        }
        if asksForDetails { judge(details: arguments[2], of: id) }
        let content = arguments[0].utf8String() ?? []
        let last = shown.last ?? floor
        let next = world.disk.rows(after: last).first
        let isFirst = kind == .latest && shown.isEmpty && floor == 0
        record.require(
            isFirst || next?.id == id, .rowsAreContiguous,
            "client \(number) has \(last), gets \(id), and \(next?.id ?? 0) follows")
        record.require(
            world.disk.row(content: content) != nil, .rowsAreContiguous,
            "client \(number) gets an unknown text at \(id)")
        shown.append(id)
        if serverOffset != nil { serverOffset = id }
    }

    private func take(_ number: Int) {
        guard let session else { return }
        while received < session.expected.count {
            let entry = session.expected[received]
            received += 1
            if entry.number == number {
                record.note(entry.isVolatile ? .volatileReceived : .broadcastReceived)
                return
            }
            guard entry.isVolatile else {
                return record.require(
                    false, .eventsAreComplete,
                    "client \(self.number) in \(session.id) gets \(number), and \(entry.number)@\(entry.position) is due"
                )
            }
        }
        record.require(
            false, .eventsAreComplete, "client \(self.number) in \(session.id) gets \(number), which is not due")
    }

    /// Neither part may be ahead of what the client has.
    private func judge(_ offset: Offset) {
        guard let session else { return }
        let row = offset.row ?? 0
        if kind == .latest, shown.isEmpty { floor = max(floor, row) }
        record.require(
            row <= shown.last ?? floor, .offsetIsHonest,
            "client \(number) has \(shown.last ?? floor), and its offset says \(row)")
        var next = received
        while next < session.expected.count, session.expected[next].isVolatile { next += 1 }
        guard next < session.expected.count else { return }
        record.require(
            session.expected[next].position > offset.position, .offsetIsHonest,
            "client \(number) has not got \(session.expected[next].number)@\(session.expected[next].position), and its "
                + "offset says \(offset.position)")
    }

    private func acknowledged(_ acknowledgement: Int, _ awaited: Awaited) {
        switch awaited {
        case .message(let message):
            record.note(.acknowledged)
            let row = world.disk.row(content: message.content)
            record.require(
                row != nil, .acknowledgedIsStored,
                "client \(number): \(String(decoding: message.content, as: UTF8.self)) is acknowledged and not stored")
            let isPlaced = kind != .latest || !shown.isEmpty
            if isSettled, isPlaced, message.isUnique, let row {
                record.note(.acknowledgedLive)
                record.require(
                    shown.last ?? floor >= row.id, .ownRowFirst,
                    "client \(number) is live at \(shown.last ?? floor) and has not got its row \(row.id)")
            }
            message.isAcknowledged = true
            message.isPending = false
            if queue.first === message {
                queue.removeFirst()
                deadline = nil
                drainQueue()
            }
        case .requests(let requests, let id):
            guard let session, session.id == id else { return }
            for (index, request) in requests.enumerated() where !isUndone(request, by: requests[(index + 1)...]) {
                check(request, acknowledgement, in: session)
            }
        }
    }

    private func isUndone(_ request: ClientRequest, by later: ArraySlice<ClientRequest>) -> Bool {
        guard let room = request.room else { return false }
        return later.contains { $0.room == room }
    }

    /// What an answered request says: the hub knows of it, unless a later request changed it again.
    private func check(_ request: ClientRequest, _ acknowledgement: Int, in session: Witness.Session) {
        switch request {
        case .join(let room) where lastRequests[room] == acknowledgement:
            record.note(.joinAcknowledged)
            record.require(
                session.rooms.contains(room), .toldIsKnown, "client \(number) was told that it is in \(room)")
        case .leave(let room) where lastRequests[room] == acknowledgement:
            record.note(.leaveAcknowledged)
            record.require(
                !session.rooms.contains(room), .toldIsKnown, "client \(number) was told that it is not in \(room)")
        case .direct(let number):
            record.note(.directReceived)
            let isReceived = session.expected[..<received].contains { $0.number == number }
            record.require(
                isReceived, .sequenceIsKept, "client \(self.number) has its answer before \(number), which went first")
        default: break
        }
    }

    /// How many events of its session it has not got.
    var missing: Int {
        guard let session else { return 0 }
        return session.expected[received...].count { !$0.isVolatile }
    }
}
