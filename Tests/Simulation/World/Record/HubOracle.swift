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
    /// The time of each ordered event. The first event has position 1.
    private(set) var times: [ContinuousClock.Instant] = []
    /// The position of the latest event.
    var head: UInt64 { UInt64(times.count) }
    private var sessions: [SessionID: Session] = [:]
    private(set) var secrets: [SessionID: Session] = [:]
    /// All sessions, in order of registration.
    private(set) var all: [Session] = []
    /// The times of recent disconnections, within the recovery period.
    private var losses: [ContinuousClock.Instant] = []
    /// The contents of all messages submitted for storage.
    private(set) var drafts: [[UInt8]] = []
    var claims: [(claim: Claim, claimant: Incarnation, time: ContinuousClock.Instant)] = []

    let unreadEpochs: UnreadEpochs
    /// The exchange with other hosts; nil for a host that is alone.
    let exchange: HostExchange?
    /// The position of the latest place where events of other hosts may be missing.
    var lastGap: UInt64?

    init(
        _ record: Record, _ operations: SocketOperations, _ inquiries: Inquiries, _ settings: Settings,
        _ unreadEpochs: UnreadEpochs, _ exchange: HostExchange? = nil
    ) {
        self.unreadEpochs = unreadEpochs
        self.exchange = exchange
        self.record = record
        self.operations = operations
        self.inquiries = inquiries
        keepsEverything = settings.limits.pastStays > 100 && settings.recovery.maxEvents > 100
        recovery = settings.recovery
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
            let session = Session(registration, owner: incarnation, at: head)
            sessions[session.id] = session
            secrets[registration.privateID] = session
            all.append(session)
        case .unregister(let key, let isKept):
            guard let session = valid(key, incarnation) else { return }
            session.isConnected = false
            inquiries.left(session.id)
            session.isDeleted = !isKept
            noteLoss(of: session, at: now)
            record.note(isKept ? .sessionLost : .sessionDeleted)
        case .join(let key, let room):
            valid(key, incarnation)?.rooms.insert(room)
        case .leave(let key, let room):
            valid(key, incarnation)?.rooms.remove(room)
        case .emit(let broadcast, let sender):
            if let sender, valid(sender, incarnation) == nil { return }
            order(broadcast, at: now)
        case .claim(let claim):
            claims.append((claim, incarnation, now))
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
            inquiries.ordered(inquiry.target, all)
        case .countWorkers, .dismiss, .answer, .emitToServers, .open: break
        }
    }

    func carryOut(_ change: SocketChange, on selection: SocketSelection) {
        operations.ordered(selection)
        for session in all.filter({ $0.isAddressed(by: selection) }) {
            switch change {
            case .join(let rooms):
                record.note(session.isConnected ? .socketsJoined : .lostSocketChanged)
                session.rooms.formUnion(rooms)
                session.changedRooms.formUnion(rooms)
            case .leave(let rooms):
                record.note(session.isConnected ? .socketsLeft : .lostSocketChanged)
                session.rooms.subtract(rooms)
                session.changedRooms.formUnion(rooms)
            case .disconnect:
                record.note(session.isConnected ? .socketsDisconnected : .lostSocketDisconnected)
                inquiries.left(session.id)
                session.isConnected = false
                session.isDeleted = true
            }
        }
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
    func order(_ broadcast: Broadcast, at now: ContinuousClock.Instant) {
        skipPosition(at: now)
        if head > recovery.maxEvents { record.note(.logTrimmed) }
        emitted(broadcast, at: head)
    }

    func skipPosition(at now: ContinuousClock.Instant) {
        times.append(now)
    }

    private func emitted(_ broadcast: Broadcast, at position: UInt64) {
        guard let number = EventText.number(in: broadcast.event.text) else { return }
        record.require(
            broadcast.event.attachments == Blob.all(of: number), .dataIsIntact,
            "the hub received \(broadcast.event.attachments.count) attachments with event \(number)")
        let entry = Entry(
            position: position, number: number, isVolatile: broadcast.isVolatile,
            byteCount: broadcast.event.byteCount)
        for session in all where session.isAddressed(by: broadcast) && position > session.registeredAt {
            if session.isConnected || !broadcast.isVolatile { session.expected.append(entry) }
        }
    }

    /// Marks the sessions of a worker whose process has ended as lost.
    func lost(_ incarnation: Incarnation, at now: ContinuousClock.Instant) {
        inquiries.lostWorker()
        for session in all where session.owner == incarnation && session.isConnected {
            session.isConnected = false
            inquiries.left(session.id)
            noteLoss(of: session, at: now)
            record.note(.sessionLost)
        }
        claims.removeAll { $0.claimant == incarnation }
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
