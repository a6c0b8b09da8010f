import Actors
import Cluster
import Transport

/// What each session of a hub is to get, by brute force: it hears every operation in the order in which the hub does, and keeps lists.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class ReferenceModel: HubObserver, @unchecked Sendable {
    /// An event for a session.
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
        /// Its client left, was put out, or got another session instead.
        fileprivate(set) var isDeleted = false
        /// The owner epoch under which its client was told that it is over. A claim that came before may have taken the session
        /// from that owner, unknown to it; then it is over for nobody.
        var disconnectedEpoch: UInt32?
        fileprivate(set) var rooms: Set<String> = []
        fileprivate var data: JSONText?
        fileprivate(set) var expected: [Entry] = []
        /// More sessions were lost than the hub keeps.
        fileprivate var mayBeDropped = false
        /// When its client was lost last.
        fileprivate var lostAt: ContinuousClock.Instant?
        /// When its claims came that took it from an owner that was still connected.
        fileprivate var contestedAt: [ContinuousClock.Instant] = []

        fileprivate init(_ registration: Registration, owner: Incarnation, at position: UInt64) {
            id = registration.key.id
            namespace = registration.namespace
            self.owner = owner
            registeredAt = position
        }

        /// Whether the next claim at this time is one too many of a fight between live clients.
        fileprivate func exceedsContestLimit(at time: ContinuousClock.Instant) -> Bool {
            isConnected && !isDeleted && contestedAt.count { time - $0 < .seconds(30) } >= 8
        }

        fileprivate func isIn(_ room: String) -> Bool { rooms.contains(room) || room == id.description }
    }

    private let record: Record
    /// Whether the hub keeps everything that it needs to recover a session that was lost a moment ago.
    private let keepsEverything: Bool
    private let recovery: RecoveryOptions
    /// The name of the hub's start, once it has one.
    var epoch: String?
    /// When each event was ordered; the first one has position 1.
    private var times: [ContinuousClock.Instant] = []
    /// The position of the last event.
    private var head: UInt64 { UInt64(times.count) }
    private var sessions: [SessionID: Session] = [:]
    private var secrets: [SessionID: Session] = [:]
    /// All of them, in order of registration.
    private var all: [Session] = []
    /// When sessions were lost, as long as the hub remembers it.
    private var losses: [ContinuousClock.Instant] = []
    /// The texts that were to be stored.
    private(set) var drafts: [[UInt8]] = []
    private var claims: [(claim: Claim, claimant: Incarnation, time: ContinuousClock.Instant)] = []

    init(_ record: Record, _ settings: Settings) {
        self.record = record
        keepsEverything = settings.limits.pastStays > 100 && settings.recovery.maxEvents > 100
        recovery = settings.recovery
    }

    func session(_ id: SessionID) -> Session? { sessions[id] }

    // MARK: Operations

    func received(_ operations: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant) {
        for operation in operations { received(operation, from: incarnation, at: now) }
    }

    private func received(_ operation: HubRequest, from incarnation: Incarnation, at now: ContinuousClock.Instant) {
        record.trace("the hub orders, of \(incarnation.number): \(operation.words)")
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
            "the hub has \(broadcast.event.attachments.count) pieces of data with \(number)")
        let entry = Entry(
            position: position, number: number, isVolatile: broadcast.isVolatile,
            byteCount: broadcast.event.byteCount)
        for session in all
        where !session.isDeleted && session.namespace == broadcast.namespace && position > session.registeredAt {
            guard session.isConnected || !broadcast.isVolatile else { continue }
            guard broadcast.rooms.isEmpty || broadcast.rooms.contains(where: session.isIn) else { continue }
            if !broadcast.exceptions.contains(where: session.isIn) { session.expected.append(entry) }
        }
    }

    /// A worker's process is gone.
    func lost(_ incarnation: Incarnation, at now: ContinuousClock.Instant) {
        for session in all where session.owner == incarnation && session.isConnected {
            session.isConnected = false
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

    /// A refused claim of a session that the hub has is a fault, unless the hub could not keep what it needs.
    private func check(refusalOf claim: Claim, _ session: Session, at now: ContinuousClock.Instant) {
        guard keepsEverything, !session.isDeleted, session.disconnectedEpoch == nil else { return }
        let position = position(of: claim, session)
        guard !mayHaveTrimmed(after: position, at: now) else { return }
        if let lostAt = session.lostAt, !session.isConnected {
            // One tick of the clock that gives sessions up is left to it.
            guard now - lostAt < recovery.maxDisconnectionDuration - .milliseconds(10), !session.mayBeDropped else {
                return
            }
        }
        // So much is not sent again; the log counts 128 bytes for each event beside its own.
        let missed = session.expected.reversed().prefix { $0.position > position }
        guard missed.reduce(0, { $0 + $1.byteCount + 128 }) <= claim.maxMissedBytes else { return }
        record.require(
            false, .noNeedlessRefusal,
            "\(session.id) at \(claim.offset ?? "no offset") is refused, claim \(claim.number)")
    }

    /// From where a claimed session goes on.
    private func position(of claim: Claim, _ session: Session) -> UInt64 {
        let offset = claim.offset.flatMap { Offset($0) }
        guard let offset, offset.epoch == epoch else { return session.registeredAt }
        return max(offset.position, session.registeredAt)
    }

    /// Whether the hub, which may have stood still for long, remembers no more all events behind a position.
    private func mayHaveTrimmed(after position: UInt64, at now: ContinuousClock.Instant) -> Bool {
        guard position < head else { return false }
        let age = now - times[Int(position)]
        return age >= recovery.maxDisconnectionDuration + recovery.detectionTime - .milliseconds(10)
    }

    /// The hub has answered the claim that came first.
    func answered(_ answer: ClaimAnswer) {
        guard !claims.isEmpty else { return record.require(false, .settles, "an answer without a claim") }
        let (claim, claimant, time) = claims.removeFirst()
        record.trace("the hub answers claim \(claim.number): \(answer.words)")
        let session = claim.privateID.flatMap { secrets[$0] }
        switch answer {
        case .refused(let trust):
            if case .limited = trust { record.note(.refusedWithRow) } else { record.note(.refused) }
            // The owner keeps it.
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
                    false, .confirmedStateIsKept, "a session that was deleted came back: \(recovered.key.id)")
            }
            record.require(
                recovered.rooms == session.rooms.sorted(), .recoveryIsComplete,
                "\(session.id) is in \(session.rooms.sorted()), recovered in \(recovered.rooms)")
            record.require(
                recovered.data == session.data, .recoveryIsComplete,
                "\(session.id) comes back with \(recovered.data?.description ?? "nothing")")
            record.require(
                !session.exceedsContestLimit(at: time), .settles,
                "\(session.id) is taken from its owner for the ninth time in 30 s")
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
