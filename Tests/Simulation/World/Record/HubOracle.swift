import Actors
import Cluster
import Transport

/// A brute-force oracle for the hub: it receives every operation in the hub's order and keeps plain lists of
/// the events that each session must receive.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class HubOracle: HubObserver, @unchecked Sendable {
    /// An event that a session must receive.
    struct Entry {
        let position: UInt64
        let number: Int
        let isVolatile: Bool
        let byteCount: Int
    }

    final class Session {
        let id: SessionID
        let namespace: String
        let registeredAt: UInt64
        fileprivate(set) var owner: Incarnation
        fileprivate(set) var ownerEpoch: UInt32 = 0
        fileprivate(set) var isConnected = true
        /// True if the client left, was disconnected, or received a new session instead.
        fileprivate(set) var isDeleted = false
        /// The owner epoch at which the client received a disconnect packet. An earlier claim may already have moved
        /// the session to another owner; then the session continues there.
        var disconnectedEpoch: UInt32?
        fileprivate(set) var rooms: Set<String> = []
        /// The rooms that operations on several sockets have changed.
        fileprivate(set) var changedRooms: Set<String> = []
        fileprivate var data: JSONText?
        fileprivate(set) var expected: [Entry] = []
        /// True if the hub may have dropped the session because too many were disconnected.
        fileprivate var mayBeDropped = false
        /// The time of the last disconnection.
        fileprivate var lostAt: ContinuousClock.Instant?
        /// The times of claims that took the session from a connected owner.
        fileprivate var contestedAt: [ContinuousClock.Instant] = []

        fileprivate init(_ registration: Registration, owner: Incarnation, at position: UInt64) {
            id = registration.key.id
            namespace = registration.namespace
            self.owner = owner
            registeredAt = position
        }

        /// True if a claim at this time exceeds the limit of contested claims: eight in 30 seconds.
        fileprivate func exceedsContestLimit(at time: ContinuousClock.Instant) -> Bool {
            isConnected && !isDeleted && contestedAt.count { time - $0 < .seconds(30) } >= 8
        }

        private func isIn(_ room: String) -> Bool { rooms.contains(room) || room == id.description }

        /// True if the session exists and its socket is addressed.
        func isAddressed(by value: some Addressed) -> Bool {
            guard !isDeleted, namespace == value.namespace, !value.exceptions.contains(where: isIn) else {
                return false
            }
            return value.rooms.isEmpty || value.rooms.contains(where: isIn)
        }
    }

    private let record: Record
    private let operations: SocketOperations
    private let inquiries: Inquiries
    /// True if the hub's limits are large enough to keep every recently disconnected session and event.
    private let keepsEverything: Bool
    private let recovery: RecoveryOptions
    /// The epoch of the hub's start; nil until the store is open.
    var epoch: String?
    /// The time of each ordered event. The first event has position 1.
    private var times: [ContinuousClock.Instant] = []
    /// The position of the latest event.
    private var head: UInt64 { UInt64(times.count) }
    private var sessions: [SessionID: Session] = [:]
    private var secrets: [SessionID: Session] = [:]
    /// All sessions, in order of registration.
    private var all: [Session] = []
    /// The times of recent disconnections, within the recovery period.
    private var losses: [ContinuousClock.Instant] = []
    /// The contents of all messages submitted for storage.
    private(set) var drafts: [[UInt8]] = []
    private var claims: [(claim: Claim, claimant: Incarnation, time: ContinuousClock.Instant)] = []

    init(_ record: Record, _ operations: SocketOperations, _ inquiries: Inquiries, _ settings: Settings) {
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

    private func received(_ operation: HubRequest, from incarnation: Incarnation, at now: ContinuousClock.Instant) {
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
            times.append(now)
            if head > recovery.maxEvents { record.note(.logTrimmed) }
            emitted(broadcast, at: head)
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
            let found = all.filter { $0.isConnected && $0.isAddressed(by: fetch.selection) }
            operations.fetched(
                fetch.selection,
                found.map { FetchedSocket(id: $0.id, rooms: $0.rooms.sorted(), data: $0.data) })
        case .inquire(let inquiry, let sender):
            if let sender, valid(sender, incarnation) == nil { return }
            inquiries.ordered(inquiry.target, all)
        case .countWorkers, .dismiss, .answer, .emitToServers, .open: break
        }
    }

    private func carryOut(_ change: SocketChange, on selection: SocketSelection) {
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

    private func valid(_ key: SessionKey, _ incarnation: Incarnation) -> Session? {
        guard let session = sessions[key.id], session.isConnected, !session.isDeleted, session.owner == incarnation,
            session.ownerEpoch == key.ownerEpoch
        else {
            record.note(.staleOperation)
            return nil
        }
        return session
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

    // MARK: Claims

    /// Checks a refused claim: the hub may refuse only a session that it was allowed to drop.
    private func check(refusalOf claim: Claim, _ session: Session, at now: ContinuousClock.Instant) {
        guard keepsEverything, !session.isDeleted, session.disconnectedEpoch == nil else { return }
        let position = position(of: claim, session)
        guard !mayHaveTrimmed(after: position, at: now) else { return }
        if let lostAt = session.lostAt, !session.isConnected {
            // The session may expire up to one timer tick early.
            guard now - lostAt < recovery.maxDisconnectionDuration - .milliseconds(10), !session.mayBeDropped else {
                return
            }
        }
        // The hub refuses when the missed events exceed the claim's limit; it counts 128 bytes of overhead for each
        // event.
        let missed = session.expected.reversed().prefix { $0.position > position }
        guard missed.reduce(0, { $0 + $1.byteCount + 128 }) <= claim.maxMissedBytes else { return }
        record.require(
            false, .noNeedlessRefusal,
            "claim \(claim.number) of \(session.id) at \(claim.offset ?? "no offset") is refused")
    }

    /// The position at which a claimed session resumes.
    private func position(of claim: Claim, _ session: Session) -> UInt64 {
        let offset = claim.offset.flatMap { Offset($0) }
        guard let offset, offset.epoch == epoch else { return session.registeredAt }
        return max(offset.position, session.registeredAt)
    }

    /// True if the hub may have trimmed events after this position because they are too old.
    private func mayHaveTrimmed(after position: UInt64, at now: ContinuousClock.Instant) -> Bool {
        guard position < head else { return false }
        let age = now - times[Int(position)]
        return age >= recovery.maxDisconnectionDuration + recovery.detectionTime - .milliseconds(10)
    }

    /// Checks and records the hub's answer to a claim.
    func answered(_ number: UInt64, of claimant: Incarnation, _ answer: ClaimAnswer) {
        guard let index = claims.firstIndex(where: { $0.claim.number == number && $0.claimant == claimant }) else {
            return record.require(false, .settles, "the hub answers a claim that it never received")
        }
        let (claim, _, time) = claims.remove(at: index)
        record.trace("the hub answers claim \(claim.number): \(answer.words)")
        let session = claim.privateID.flatMap { secrets[$0] }
        if let session, session.isConnected { inquiries.left(session.id) }
        switch answer {
        case .refused(let trust):
            if case .limited = trust { record.note(.refusedWithRow) } else { record.note(.refused) }
            // The owner keeps the session.
            guard session?.exceedsContestLimit(at: time) != true else { return record.note(.claimRateLimited) }
            if let session, let lostAt = session.lostAt, !session.isConnected, !session.isDeleted,
                time - lostAt > recovery.maxDisconnectionDuration
            {
                record.note(.sessionExpired)
            }
            if let session { check(refusalOf: claim, session, at: time) }
            session?.isDeleted = true
            session?.isConnected = false
        case .recovered(let recovered):
            record.note(.recovered)
            record.note(.eventReplayed, recovered.missed.count)
            guard let session, !session.isDeleted, session.disconnectedEpoch != session.ownerEpoch else {
                return record.require(
                    false, .confirmedStateIsKept, "the deleted session \(recovered.key.id) is recovered")
            }
            record.require(
                recovered.rooms == session.rooms.sorted(), .recoveryIsComplete,
                "\(session.id) was in \(session.rooms.sorted()) and is recovered in \(recovered.rooms)")
            record.require(
                recovered.data == session.data, .recoveryIsComplete,
                "\(session.id) is recovered with the data \(recovered.data?.description ?? "nil")")
            record.require(
                !session.exceedsContestLimit(at: time), .settles,
                "\(session.id) is taken from a connected owner for the ninth time in 30 s")
            if session.isConnected {
                record.note(.claimContested)
                session.contestedAt.append(time)
            }
            session.owner = claimant
            session.ownerEpoch &+= 1
            session.isConnected = true
        }
    }
}
