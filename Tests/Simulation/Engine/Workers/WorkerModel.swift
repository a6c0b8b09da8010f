import Actors
import Transport

/// A worker's process: it applies the stream and carries out what the product's values decide, one loop turn at a time.
final class WorkerModel {
    let number: Int
    let link: LinkModel
    let primary: PrimaryModel
    unowned let cluster: SimulatedCluster
    let settings: Settings
    /// Stopped as by SIGSTOP; its connections stay.
    var isPaused = false
    private(set) var isDead = false
    var stream: StreamGathering
    var roster = Roster<RoomModel> { RoomModel() }
    private var outbox: [Actors.Operation] = []
    private var claims = ClaimWindow<ConnectionModel>(maxOpen: 2)
    var connections: [ConnectionModel] = []
    var waitingReaders = Queue<SocketModel>()
    var reads: [ReadModel] = []
    /// What is replayed at the end of the turn, by mistake.
    var lateReplays: [(socket: SocketModel, events: [MissedEvent])] = []

    var epoch: String { primary.epoch }

    init(number: Int, of primary: PrimaryModel, in cluster: SimulatedCluster) {
        self.number = number
        self.primary = primary
        self.cluster = cluster
        settings = cluster.settings
        link = primary.attach(worker: number, capacity: settings.pipeCapacity)
        stream = StreamGathering(
            feed: MessageFeed(ringCapacity: settings.ringCapacity), pieceLimit: settings.pieceLimit)
    }

    // MARK: To the hub

    func submit(_ operation: Actors.Operation) {
        outbox.append(operation)
    }

    /// The phase of a turn in which the link is written.
    /// - Returns: how many bytes the system has accepted.
    @discardableResult
    func exchange() -> Int {
        guard !outbox.isEmpty else { return 0 }
        let operations = outbox
        outbox = []
        return link.send(operations)
    }

    var hasOperations: Bool { !outbox.isEmpty }

    // MARK: From the hub

    func apply(_ items: [StreamItem]) {
        for item in items {
            if let due = stream.due(before: item) { deliver(due) }
            guard stream.take(item) else {
                apply(item)
                continue
            }
            if let full = stream.takeFull() { deliver(full) }
        }
        if let rest = stream.finish() { deliver(rest) }
    }

    private func apply(_ item: StreamItem) {
        switch item {
        case .registered(let id, let position): roster.registered(id)?.registered(at: position)
        case .claimed(let number, let answer):
            let claimant = claims.answered(number)
            submitClaims()
            if let claimant { claimed(claimant, answer) }
        case .ownershipLost(let key):
            if let socket = roster[key] { end(socket.connection, losesQueue: false) }
        case .dataNoted(let id): roster[id]?.operationReturned()
        case .joined(let id, let room): roster.joined(id, room)?.operationReturned()
        case .left(let id, let room): roster.left(id, room)?.operationReturned()
        case .emitted(let key, _):
            if let key { roster[key]?.operationReturned() }
        case .stored(let key, let result, _): stored(key, result)
        case .subscribed(let id, _, let highest): subscribed(id, highest: highest)
        case .event, .message: break
        }
    }

    private func stored(_ key: SessionKey, _ result: StoreResult) {
        guard let socket = roster.awaiting(key) else { return }
        socket.stored(result)
        if !socket.awaitsResults { roster.forget(key) }
    }

    // MARK: Delivery

    private func deliver(_ delivery: StreamGathering.Delivery) {
        switch delivery {
        case .events(let run):
            let frames = run.frames(epoch: epoch, row: stream.feed.applied)
            let found =
                switch roster.recipients(of: run.audience) {
                case .group(let room): room.members
                case .members(let members): members
                }
            let isSharing = cluster.faults.contains(.sharesOffsets)
            for socket in found {
                let own =
                    isSharing ? nil : roster.behind[socket.id].map { run.frames(epoch: epoch, row: $0.progress.row) }
                _ = socket.connection.send(own ?? frames, isVolatile: run.audience.isVolatile)
            }
        case .messages(let run, let through):
            for form in MessageForm.allCases where !roster.live(form).isEmpty {
                let frames = run.frames(form)
                for socket in roster.live(form).members where socket.connection.send(frames) > settings.slowMark {
                    cluster.record.note(.becameSlow)
                    roster.fallBehind(socket)
                    socket.progress.catchUp?.leaveLive(last: through)
                }
            }
        }
    }

    func frames(of event: EncodedEvent, at offset: Offset) -> Frames {
        var builder = FramesBuilder()
        builder.append(event, at: offset)
        return builder.finish()
    }

    // MARK: Sockets

    func register(_ socket: SocketModel) {
        roster.add(socket)
        submit(
            .register(
                Registration(
                    key: socket.key, namespace: "/", privateID: socket.privateID,
                    startRow: socket.progress.registeredStart)))
    }

    func remove(_ socket: SocketModel, keepsSession: Bool) {
        guard roster.remove(socket, awaitsResults: socket.awaitsResults) else { return }
        submit(.unregister(socket.key, isKept: keepsSession))
    }

    // MARK: Claims

    func claim(_ credentials: ClientPacket.Credentials, for connection: ConnectionModel) {
        connection.claiming = credentials
        cluster.record.note(.claimed)
        claims.add(connection) { number in
            Claim(
                number: number, namespace: "/", privateID: credentials.privateID, offset: credentials.offset,
                maxMissedBytes: settings.maxPending / 2)
        }
        submitClaims()
    }

    private func submitClaims() {
        while let claim = claims.next(isGone: \.isOver) { submit(.claim(claim)) }
    }

    private func claimed(_ connection: ConnectionModel, _ answer: ClaimAnswer) {
        guard let credentials = connection.claiming, !connection.isOver else {
            guard case .recovered(let session) = answer else { return }
            cluster.record.note(.handedBack)
            return submit(.unregister(session.key, isKept: true))
        }
        connection.claiming = nil
        switch answer {
        case .recovered(let session):
            let socket = SocketModel(session.key, privateID: session.privateID, credentials, of: connection)
            connection.socket = socket
            socket.recover(session, credentials)
        case .refused(let trust):
            open(connection, credentials, trust)
        }
    }

    // MARK: Connections

    func accept(_ connection: ConnectionModel) {
        connections.append(connection)
    }

    func open(_ connection: ConnectionModel, _ credentials: ClientPacket.Credentials, _ trust: RowTrust) {
        let socket = SocketModel(
            SessionKey(id: cluster.newID()), privateID: cluster.newID(), credentials, of: connection)
        connection.socket = socket
        socket.begin(credentials, trust)
    }

    func receive(_ packet: ClientPacket, on connection: ConnectionModel) {
        if case .connect(let credentials) = packet {
            if credentials.privateID != nil || credentials.offset != nil {
                claim(credentials, for: connection)
            } else {
                open(connection, credentials, .unlimited)
            }
        } else {
            connection.socket?.handle(packet)
        }
    }

    /// The worker's side of a connection ends, and its socket with it.
    func end(_ connection: ConnectionModel, losesQueue: Bool) {
        guard !connection.isOver else { return }
        connection.end(losesQueue: losesQueue)
        connection.socket?.end(keepsSession: true)
    }

    func forget(_ connection: ConnectionModel) {
        connections.removeAll { $0 === connection }
    }

    /// The process is gone. What the system has accepted still arrives.
    func die() {
        isDead = true
        link.hasWorker = false
        for connection in connections { connection.end(losesQueue: true) }
    }
}
