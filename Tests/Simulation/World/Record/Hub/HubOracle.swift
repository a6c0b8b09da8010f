import Actors
import Cluster
import Transport

/// A brute-force oracle for the hub: it receives every operation in the hub's order and keeps plain lists of
/// the events that each session must receive.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class HubOracle: HubObserver, @unchecked Sendable {
    let record: Record
    let operations: SocketOperations
    let inquiries: Inquiries
    /// True if the hub's limits are large enough to keep every recently disconnected session and event.
    let keepsEverything: Bool
    let recovery: RecoveryOptions
    /// The epoch of the hub's start; nil until the store is open.
    var epoch: String?
    var positions: HubPositions
    /// The position of the latest event.
    var head: UInt64 { positions.head }
    private var sessions: [SessionID: Session] = [:]
    private(set) var secrets: [SessionID: Session] = [:]
    /// The sessions that another host has taken. A client may read late what this hub has sent it before.
    private(set) var forgotten: [SessionID: Session] = [:]
    /// All sessions, in order of registration.
    private(set) var all: [Session] = []
    /// The times of contested claims of sessions that have left, which the hub remembers.
    private var contests: [SessionID: [ContinuousClock.Instant]] = [:]
    /// The times of recent disconnections, within the recovery period.
    private var losses: [ContinuousClock.Instant] = []
    /// The contents of all messages submitted for storage.
    private(set) var drafts: [[UInt8]] = []
    var claims: [OpenClaim] = []
    var silentHosts: SilentHosts
    /// How long a question, and a take from the broker, is open at most.
    let sessionPatience: Duration

    let moves: SessionMoves
    let kept: KeptSessions
    /// The number of ended memberships that the hub remembers of a session.
    let pastStays: Int
    /// The hub's backplane.
    weak var backplane: SimulatedBackplane?
    /// What has happened to sessions; empty for a host that is alone.
    private(set) var happenings: [Happening] = []
    /// The places at which sessions leave their owners that this hub has asked for, by the names of its questions.
    var cuts: [String: Cut] = [:]
    /// The questions whose sessions leave their owner at the message that the hub applies now.
    private(set) var presentCuts: [String] = []
    /// Their namespace.
    private(set) var namespaceOfCuts = ""
    let unreadEpochs: UnreadEpochs
    /// The exchange with other hosts; nil for a host that is alone.
    let exchange: HostExchange?
    /// The position of the latest place where events of other hosts may be missing.
    var lastGap: UInt64?
    /// The step at which the hub has last noted that messages of other hosts may be missing.
    var lastGapStep = 0

    init(
        _ record: Record, _ operations: SocketOperations, _ inquiries: Inquiries, _ settings: Settings,
        _ unreadEpochs: UnreadEpochs, _ moves: SessionMoves, _ kept: KeptSessions, _ exchange: HostExchange? = nil
    ) {
        self.moves = moves
        self.kept = kept
        pastStays = settings.limits.pastStays
        self.unreadEpochs = unreadEpochs
        self.exchange = exchange
        self.record = record
        self.operations = operations
        self.inquiries = inquiries
        keepsEverything = settings.limits.pastStays > 100 && settings.recovery.maxEvents > 100
        recovery = settings.recovery
        silentHosts = SilentHosts(settings)
        sessionPatience = silentHosts.patience
        positions = HubPositions(areShared: settings.keepsMessages)
    }

    func session(_ id: SessionID) -> Session? { sessions[id] }

    // MARK: Operations

    func received(_ operations: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant) {
        for operation in operations { received(operation, from: incarnation, at: now) }
    }

    private func received(
        _ operation: HubRequest, from incarnation: Incarnation, at now: ContinuousClock.Instant
    ) {
        exchange?.carriedOut(operation)
        record.trace("the hub orders, from incarnation \(incarnation.number): \(operation.words)")
        switch operation {
        case .register(let registration):
            record.note(.sessionBegun)
            let session = Session(
                registration, owner: incarnation, of: epoch ?? "", at: head, areShared: positions.areShared)
            sessions[session.id] = session
            secrets[registration.privateID] = session
            all.append(session)
        case .unregister(let key, let isKept):
            guard let session = valid(key, incarnation) else { return }
            session.isConnected = false
            inquiries.left(session.id)
            session.isDeleted = !isKept
            session.lostPosition = head
            noteLoss(of: session, at: now)
            record.note(isKept ? .sessionLost : .sessionDeleted)
        case .join(let key, let room):
            valid(key, incarnation)?.rooms.insert(room)
        case .leave(let key, let room):
            valid(key, incarnation)?.leave([room])
        case .emit(let broadcast, let sender):
            if let sender, valid(sender, incarnation) == nil { return }
            order(broadcast, at: now)
        case .claim(let claim):
            claims.append(OpenClaim(claim: claim, claimant: incarnation, time: now, step: record.time))
        case .setData(let key, let data):
            valid(key, incarnation)?.data = data
        case .store(let key, let draft):
            if valid(key, incarnation) != nil { drafts.append(draft.content) }
        case .subscribe(let key):
            _ = valid(key, incarnation)
        case .change(let selection, let change, let sender):
            if let sender, valid(sender, incarnation) == nil { return }
            carryOut(change, on: selection)
        case .fetch(let fetch, _):
            fetched(fetch.selection, isOwn: true)
        case .inquire(let inquiry, let sender):
            if let sender, valid(sender, incarnation) == nil { return }
            inquiries.ordered(inquiry.target, all.filter { !$0.isLeaving })
        case .countWorkers, .dismiss, .answer, .emitToServers, .open, .reportUse: break
        }
    }

    func carryOut(_ change: SocketChange, on selection: SocketSelection) {
        operations.ordered(selection)
        happened(.change(selection, change, position: head))
        for session in all.filter({ $0.isAddressed(by: selection) }) { carryOut(change, on: session) }
    }

    func carryOut(_ change: SocketChange, on session: Session) {
        switch change {
        case .join:
            record.note(session.isConnected ? .socketsJoined : .lostSocketChanged)
            _ = session.apply(change)
        case .leave:
            record.note(session.isConnected ? .socketsLeft : .lostSocketChanged)
            _ = session.apply(change)
        case .disconnect:
            record.note(session.isConnected ? .socketsDisconnected : .lostSocketDisconnected)
            inquiries.left(session.id)
            session.isConnected = false
            session.isDeleted = true
        }
    }

    func happened(_ happening: Happening) {
        if exchange != nil { happenings.append(happening) }
    }

    func valid(_ key: SessionKey, _ incarnation: Incarnation) -> Session? {
        guard let session = sessions[key.id], session.isConnected, !session.isDeleted, session.owner == incarnation,
            session.ownerEpoch == key.ownerEpoch
        else {
            record.note(.staleOperation)
            return nil
        }
        return session
    }

    /// Takes the next position for an event.
    /// - Parameter isPlaced: true if the position is that of the event already.
    func order(_ broadcast: Broadcast, isPlaced: Bool = false, at now: ContinuousClock.Instant) {
        if !isPlaced { skipPosition(at: now) }
        if positions.count > recovery.maxEvents { record.note(.logTrimmed) }
        happened(.event(broadcast, position: head))
        emitted(broadcast, at: head)
    }

    func skipPosition(at now: ContinuousClock.Instant) {
        positions.step(at: now)
        // No session is recovered across several things with one position.
        if positions.isAmbiguous(head) { lastGap = head }
    }

    private func emitted(_ broadcast: Broadcast, at position: UInt64) {
        guard let number = EventText.number(in: broadcast.event.text) else { return }
        record.require(
            broadcast.event.attachments == Blob.all(of: number), .dataIsIntact,
            "the hub received \(broadcast.event.attachments.count) attachments with event \(number)")
        for session in all { emit(broadcast, number, at: position, to: session) }
    }

    func emit(_ broadcast: Broadcast, _ number: Int, at position: UInt64, to session: Session) {
        guard session.isAddressed(by: broadcast), position >= session.start.position,
            session.isConnected || !broadcast.isVolatile
        else { return }
        let isNew = session.expect(
            Entry(
                place: session.place(of: position), number: number, isVolatile: broadcast.isVolatile,
                byteCount: broadcast.event.byteCount))
        record.require(
            isNew || exchange == nil, .eventsAreComplete, "event \(number) is for \(session.id) for the second time")
    }

    /// Marks the sessions of a worker whose process has ended as lost.
    func lost(_ incarnation: Incarnation, at now: ContinuousClock.Instant) {
        inquiries.lostWorker()
        for session in all where session.owner == incarnation && session.isConnected {
            session.isConnected = false
            session.lostPosition = head
            inquiries.left(session.id)
            noteLoss(of: session, at: now)
            record.note(.sessionLost)
        }
        for claim in claims where claim.claimant == incarnation { silentHosts.abandoned(claim) }
        claims.removeAll { $0.claimant == incarnation }
    }

    /// Removes a session that leaves for another host.
    func remove(_ session: Session) {
        kept.left(session.privateID, self)
        contests[session.id] = session.contestedAt
        sessions[session.id] = nil
        secrets[session.privateID] = nil
        all.removeAll { $0 === session }
    }

    /// Removes a session that another host has taken.
    func forget(_ session: Session) {
        remove(session)
        forgotten[session.id] = session
    }

    /// Adds a session that comes from another host.
    func add(_ session: Session, at now: ContinuousClock.Instant) {
        session.contestedAt = contests[session.id] ?? []
        sessions[session.id] = session
        secrets[session.privateID] = session
        all.append(session)
        noteLoss(of: session, at: now)
    }

    /// Notes which message the hub applies.
    func beginMessage(_ message: BackplaneMessage?) {
        presentCuts = if case .host(let message) = message { message.cuts } else { [] }
        namespaceOfCuts = message?.namespaceName ?? ""
    }

    private func noteLoss(of session: Session, at now: ContinuousClock.Instant) {
        session.lostAt = now
        session.mayBeDropped = false
        losses.append(now)
        losses.removeAll { now - $0 > recovery.maxDisconnectionDuration }
        let lost = all.filter { !$0.isConnected && !$0.isDeleted }
        guard lost.count > recovery.maxLostSessions || losses.count > 4 * recovery.maxLostSessions else { return }
        for session in lost { session.mayBeDropped = true }
    }
}
