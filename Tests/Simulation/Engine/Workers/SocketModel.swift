import Actors
import Transport

/// A client's socket at a simulated worker: it carries out what the product's values decide.
final class SocketModel: RosterMember {
    enum Phase { case connecting, connected, gone }

    /// What goes to the client without passing the hub.
    enum Output {
        case local
        case acknowledgement(Int)
        case disconnect
    }

    typealias Actions = SocketActions<Output, Int>

    let key: SessionKey
    let privateID: SessionID
    let messageForm: MessageForm
    unowned let connection: ConnectionModel
    unowned let worker: WorkerModel
    private(set) var phase = Phase.connecting
    var progress = Progress()
    private var actions = Actions()
    private var joined: Set<String> = []

    var id: SessionID { key.id }
    var namespaceName: String { "/" }
    var isConnected: Bool { phase == .connected }
    /// Whether messages are on their way.
    var awaitsResults: Bool { actions.awaitsResults }

    init(
        _ key: SessionKey, privateID: SessionID, _ credentials: ClientPacket.Credentials, of connection: ConnectionModel
    ) {
        self.key = key
        self.privateID = privateID
        messageForm = credentials.asksForDetails ? .detailed : .plain
        self.connection = connection
        worker = connection.worker
    }

    // MARK: Connecting

    func begin(_ credentials: ClientPacket.Credentials, _ trust: RowTrust) {
        progress.begin(
            serverOffset: credentials.serverOffset, trust: trust, latest: credentials.latest)
        worker.register(self)
    }

    func recover(_ session: RecoveredSession, _ credentials: ClientPacket.Credentials) {
        worker.roster.adopt(self, rooms: session.rooms)
        progress.recover(session, serverOffset: credentials.serverOffset)
        joined = Set(session.rooms)
        phase = .connected
        writeConnectReply()
        if worker.cluster.faults.contains(.replaysLate) {
            worker.lateReplays.append((self, session.missed))
        } else {
            replay(session.missed)
        }
        follow()
    }

    func replay(_ events: [MissedEvent]) {
        for missed in events {
            let offset = Offset(epoch: worker.epoch, position: missed.position, row: progress.row)
            write(worker.frames(of: missed.event, at: offset))
        }
    }

    func registered(at position: UInt64) {
        guard phase == .connecting else { return }
        phase = .connected
        progress.registered(at: position)
        writeConnectReply()
        follow()
    }

    private func writeConnectReply() {
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendConnect(
            sid: Array(id.description.utf8), pid: Array(privateID.description.utf8), namespace: "/", to: &text)
        write(Frames(utf8: text))
    }

    private func follow() {
        progress.follow()
        worker.roster.fallBehind(self)
        worker.submit(.subscribe(key))
    }

    // MARK: The application

    func handle(_ packet: ClientPacket) {
        guard isConnected else { return }
        switch packet {
        case .connect:
            break
        case .store(let draft, let acknowledgement):
            perform(.message(Actions.Request(draft: draft, answer: acknowledgement)))
        case .requests(let requests, let acknowledgement):
            for request in requests where isConnected { handle(request) }
            if isConnected { perform(.output(.acknowledgement(acknowledgement))) }
        case .leave:
            end(keepsSession: false)
        }
    }

    private func handle(_ request: ClientPacket.Request) {
        switch request {
        case .join(let room):
            if joined.insert(room).inserted { perform(.operation(.join(key, room: room))) }
        case .leave(let room):
            if joined.remove(room) != nil { perform(.operation(.leave(key, room: room))) }
        case .broadcast(let number, let rooms, let isVolatile, let exceptsSender, let tail):
            let broadcast = Broadcast(
                namespace: "/", rooms: rooms, exceptions: exceptsSender ? [id.description] : [],
                event: EncodedEvent(text: EventText.numbered(number, tail: tail)),
                isVolatile: isVolatile)
            perform(.operation(.emit(broadcast, sender: key)))
        case .direct(let number):
            let broadcast = Broadcast(
                namespace: "/", rooms: [id.description], exceptions: [],
                event: EncodedEvent(text: EventText.numbered(number, tail: 0)), isVolatile: false)
            perform(.operation(.emit(broadcast, sender: key)))
        case .local: perform(.output(.local))
        case .putOut: perform(.output(.disconnect))
        }
    }

    // MARK: Keeping the order

    private func perform(_ entry: Actions.Entry) {
        if let action = actions.perform(entry, isConnected: isConnected) { carryOut(action) }
    }

    func operationReturned() {
        actions.operationReturned()
        carryOut()
    }

    func stored(_ result: StoreResult) {
        guard let request = actions.takeRequest() else { return }
        if case .committed(let id) = result, isConnected {
            writeAcknowledgement(request.answer, messageForm == .detailed ? id : nil)
        }
        actions.messageReturned()
        carryOut()
    }

    private func carryOut() {
        while let action = actions.next(isConnected: isConnected) { carryOut(action) }
    }

    private func carryOut(_ action: Actions.Action) {
        switch action {
        case .output where !isConnected: break
        case .submit(let operation): worker.submit(operation)
        case .store(let draft): worker.submit(.store(key, draft))
        case .output(.local): writeLocal()
        case .output(.acknowledgement(let number)): writeAcknowledgement(number)
        case .output(.disconnect): putOut()
        }
    }

    private func writeAcknowledgement(_ number: Int, _ id: Int64? = nil) {
        write(Frames(utf8: EventText.acknowledgement(number, id)))
    }

    private func writeLocal() {
        let row = progress.row(applied: worker.stream.feed.applied)
        let position = progress.position(applied: worker.stream.appliedPosition)
        let frames = worker.frames(
            of: EncodedEvent(text: EventText.local),
            at: Offset(epoch: worker.epoch, position: position, row: row))
        _ = connection.send(frames, isVolatile: true)
    }

    func write(_ frames: Frames) {
        _ = connection.send(frames)
    }

    // MARK: Following

    func nextStep(applied: Int64) -> CatchUp.Step {
        guard isConnected else { return .wait }
        let hasRoom = connection.pendingBytes <= worker.settings.catchUpMark
        return progress.catchUp?.next(applied: applied, hasRoom: hasRoom) ?? .wait
    }

    func deliver(_ page: HistoryPage, after: Int64) {
        guard isConnected else { return }
        var builder = FramesBuilder()
        for message in page.messages {
            builder.append(
                message, worker.stream.feed.encoding, messageForm,
                position: progress.position(applied: worker.stream.appliedPosition))
        }
        if !builder.isEmpty { write(builder.finish()) }
        progress.catchUp?.delivered(through: page.messages.last?.id ?? after, reachesEnd: page.reachesEnd)
    }

    // MARK: Ending

    private func putOut() {
        worker.cluster.record.note(.putOutByServer)
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendDisconnect(namespace: "/", to: &text)
        connection.isHeldBack = true
        write(Frames(utf8: text))
        end(keepsSession: false)
    }

    func end(keepsSession: Bool) {
        guard phase != .gone else { return }
        phase = .gone
        connection.socket = nil
        worker.remove(self, keepsSession: keepsSession)
        carryOut()
    }
}
