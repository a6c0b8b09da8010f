import Actors
import Persistence
import Transport

/// Puts events and stored messages into one order, and produces each worker's stream in that order. Events are ordered
/// by position, stored messages by id.
///
/// A value without I/O. Requests and the store's reports go in; hub events for the incarnations come out, in order.
struct HubStateMachine {
    let terms: HubTerms
    /// The position of the last event.
    var head: UInt64 = 0
    /// The position of the latest gap: a session that was there before cannot be recovered across it.
    var lastGap: UInt64 = 0
    /// The id of the last published message. Every message up to it was sent to every interested worker.
    package internal(set) var lastPublished: Int64
    /// The highest id that the store has ever assigned.
    var highestAssigned: Int64
    var sessions = SessionTable()
    /// The ids of the sessions by their clients' secrets.
    private(set) var sessionIDs: [SessionID: SessionID] = [:]
    var storeQueue: StoreQueue
    /// The reads of the store, if other servers write it too.
    var looks = StoreLooks()
    let isStoreShared: Bool
    let maxPastStays: Int
    /// The events for clients that come back; nil without recovery.
    var log: EventLog?
    let recovery: RecoveryOptions?
    var interest = InterestTable()
    /// The sessions in each room.
    var members = RoomMembers()
    var groups = NamespaceGroups()
    /// The lost sessions in the order of their loss, for expiry. An entry whose session was claimed since is skipped.
    private var lost = LostSessions()
    /// The number of sessions that are kept for lost clients.
    private(set) var lostCount = 0
    /// The sizes of the events of other hosts that sessions keep.
    var inheritances = InheritanceSizes()
    private var lastIncarnation: UInt64 = 0
    /// The attached incarnations.
    private(set) var attached: Set<Incarnation> = []
    /// The namespaces that the workers have, also without sockets.
    private(set) var openNamespaces: [Incarnation: Set<String>] = [:]
    /// The unanswered claims in order of arrival.
    var claims = ClaimQueue()
    /// The sessions that live clients claim from each other.
    var contested = ContestedClaims()
    var inquiries: OpenInquiries
    var sharedUse = SharedUseTable()
    /// What stands for the other hosts in inquiries; nil while they cannot be asked.
    var others: Incarnation?

    /// - Parameters:
    ///   - lastPublished: the highest row id in the store.
    ///   - highestAssigned: the highest row id that the store has ever assigned.
    ///   - isStoreShared: true if other servers send rows of the store to clients too.
    ///   - recovery: the limits of connection state recovery; nil to keep no lost sessions.
    ///   - numberingStart: the number before that of the first inquiry.
    init(
        _ terms: HubTerms, lastPublished: Int64, highestAssigned: Int64, isStoreShared: Bool = false,
        recovery: RecoveryOptions? = nil, limits: Limits = Limits(), numberingStart: UInt64 = 0
    ) {
        self.isStoreShared = isStoreShared
        inquiries = OpenInquiries(start: numberingStart)
        storeQueue = StoreQueue(maxGroupCount: limits.groupMessages, maxGroupBytes: limits.groupBytes)
        maxPastStays = limits.pastStays
        self.terms = terms
        self.recovery = recovery
        log = recovery.map(EventLog.init)
        self.lastPublished = lastPublished
        self.highestAssigned = max(lastPublished, highestAssigned)
    }

    /// Attaches a worker.
    mutating func attach() -> Incarnation {
        lastIncarnation += 1
        let incarnation = Incarnation(number: lastIncarnation)
        attached.insert(incarnation)
        return incarnation
    }

    /// Detaches a worker. Its sessions are lost; with recovery they can still be claimed.
    mutating func detach(_ incarnation: Incarnation, at now: ContinuousClock.Instant, into output: inout Output) {
        guard attached.remove(incarnation) != nil else { return }
        claims.remove(of: incarnation)
        openNamespaces[incarnation] = nil
        let gone = sessions.filter { $0.value.owner == incarnation && $0.value.isConnected }
        // The order decides which sessions are evicted beyond the limit. It must not depend on the dictionary's order.
        for (id, session) in gone.sorted(by: { $0.key < $1.key }) {
            lose(id, session, at: now)
        }
        endInquiries(of: incarnation, into: &output)
        forgetUse(of: incarnation, into: &output)
    }

    // MARK: Requests

    /// Orders the requests of one incarnation. Claims are only queued: the caller answers each claim with
    /// ``answerClaim(_:rowLimit:into:)``, after draining the link of the session's owner. Later requests of the
    /// claimant may be ordered before the answer. This is harmless, because the claimant does nothing for the claimed
    /// session until it has the answer.
    mutating func receive(
        _ requests: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant,
        into output: inout Output
    ) {
        guard attached.contains(incarnation) else { return }
        expire(at: now)
        for request in requests { order(request, from: incarnation, at: now, into: &output) }
    }

    private mutating func order(
        _ request: HubRequest, from incarnation: Incarnation, at now: ContinuousClock.Instant,
        into output: inout Output
    ) {
        switch request {
        case .register(let registration): register(registration, of: incarnation, at: now, into: &output)
        case .unregister(let key, let isKept):
            guard let session = session(key, of: incarnation) else { return }
            if isKept { lose(key.id, session, at: now) } else { remove(key.id, session) }
        case .setData(let key, let data):
            guard owns(incarnation, key) else { return }
            sessions[key.id]?.data = data
            output.append(.dataRecorded(key.id), for: incarnation)
        case .join(let key, let room):
            guard owns(incarnation, key) else { return }
            join(key.id, room)
            output.append(.joined(key.id, room: room), for: incarnation)
        case .leave(let key, let room):
            guard owns(incarnation, key) else { return }
            leave(key.id, room)
            output.append(.left(key.id, room: room), for: incarnation)
        case .emit(let broadcast, let sender):
            if !isStale(sender, of: incarnation) { emit(groups.expand(broadcast), at: now, into: &output) }
            output.append(.emitted(sender, credit: request.cost), for: incarnation)
        case .store(let key, let draft):
            guard owns(incarnation, key) else {
                return output.append(.stored(key, .failed, credit: request.cost), for: incarnation)
            }
            storeQueue.append(StoreQueue.Entry(session: key, owner: incarnation, draft: draft, cost: request.cost))
        case .subscribe(let key):
            subscribe(key, of: incarnation, into: &output)
        case .claim(let claim):
            claims.append(claim, by: incarnation, at: now, looks: looks.begun)
        case .change(let selection, let change, let sender):
            if !isStale(sender, of: incarnation) { carryOut(change, on: selection, into: &output) }
            output.append(.carriedOut(sender, credit: request.cost), for: incarnation)
        case .fetch(let fetch, let sender):
            output.append(.fetched(fetch.number, sender, answer(fetch), credit: request.cost), for: incarnation)
        case .countWorkers(let number):
            output.append(.fetched(number, nil, .workers(attached.count), credit: request.cost), for: incarnation)
        case .inquire(let inquiry, let sender):
            output.append(.emitted(nil, credit: request.cost), for: incarnation)
            inquire(inquiry, by: sender, from: incarnation, into: &output)
        case .dismiss(let number):
            dismiss(number, of: incarnation, into: &output)
        case .answer(let report):
            answer(report, from: incarnation, into: &output)
        case .emitToServers(let event):
            emit(event, from: incarnation, into: &output)
            output.append(.emitted(nil, credit: request.cost), for: incarnation)
        case .open(let namespace): openNamespaces[incarnation, default: []].insert(namespace)
        case .reportUse(let use): note(use, of: incarnation, into: &output)
        }
    }

    private mutating func register(
        _ registration: Registration, of incarnation: Incarnation, at now: ContinuousClock.Instant,
        into output: inout Output
    ) {
        let key = registration.key
        guard sessions[key.id] == nil else { return }
        sessions[key.id] = HubSession(
            registration, owner: incarnation, at: head, lastPublished: lastPublished, now: now)
        groups.add(registration.namespace, to: registration.group)
        members.note(key.id, in: registration.namespace)
        if recovery != nil { sessionIDs[registration.privateID] = key.id }
        interest.add(incarnation, to: .everyone(namespace: registration.namespace))
        output.append(.registered(key.id, position: head), for: incarnation)
    }

    /// Adds a session, connected or lost, to a room.
    mutating func join(_ id: SessionID, _ room: String) {
        guard let session = sessions[id], session.rooms[room] == nil else { return }
        sessions[id]?.join(room, at: head)
        let audience = InterestTable.Audience.room(room, namespace: session.namespace)
        members.add(id, to: audience)
        if session.isConnected { interest.add(session.owner, to: audience) }
    }

    /// Removes a session, connected or lost, from a room.
    mutating func leave(_ id: SessionID, _ room: String) {
        guard let session = sessions[id], session.rooms[room] != nil else { return }
        sessions[id]?.leave(room, at: head, isRecoverable: recovery != nil, remembering: maxPastStays)
        let audience = InterestTable.Audience.room(room, namespace: session.namespace)
        members.remove(id, from: audience)
        if session.isConnected { interest.remove(session.owner, from: audience) }
    }

    // MARK: Sessions

    /// Marks the session of a client that is gone as lost. Without recovery the session is deleted.
    private mutating func lose(_ id: SessionID, _ session: HubSession, at now: ContinuousClock.Instant) {
        guard let recovery else { return remove(id, session) }
        removeInterest(of: session)
        sessions[id]?.lose(at: head, since: now)
        keepLost(id, at: now, within: recovery)
    }

    /// Adds a lost session that arrives from another host.
    mutating func addLost(_ id: SessionID, _ session: HubSession, at now: ContinuousClock.Instant) {
        guard let recovery else { return }
        sessions[id] = session
        sessionIDs[session.privateID] = id
        groups.add(session.namespace, to: session.group)
        for room in session.rooms.keys { members.add(id, to: .room(room, namespace: session.namespace)) }
        members.note(id, in: session.namespace)
        inheritances.add(id, session.inherited?.byteCount ?? 0, at: now)
        keepLost(id, at: now, within: recovery)
    }

    private mutating func keepLost(
        _ id: SessionID, at now: ContinuousClock.Instant, within recovery: RecoveryOptions
    ) {
        lost.append(id, at: now)
        lostCount += 1
        // Also limit the stale entries, whose sessions were claimed since.
        while lostCount > recovery.maxLostSessions || lost.count > 4 * recovery.maxLostSessions,
            let oldest = lost.takeOldest()
        {
            deleteIfUnclaimed(oldest.id, oldest.since)
        }
    }

    /// Deletes the session.
    mutating func remove(_ id: SessionID, _ session: HubSession) {
        if session.isConnected { removeInterest(of: session) } else { lostCount -= 1 }
        for room in session.rooms.keys { members.remove(id, from: .room(room, namespace: session.namespace)) }
        members.note(id, in: session.namespace)
        groups.remove(session.namespace, from: session.group)
        inheritances.remove(id)
        sessions[id] = nil
        sessionIDs[session.privateID] = nil
    }

    /// Transfers the session to another owner. The client's identity ends at `end`.
    mutating func transfer(
        _ id: SessionID, _ session: HubSession, to incarnation: Incarnation, from row: Int64,
        endsAt end: ContinuousClock.Instant?
    ) -> HubSession {
        if session.isConnected { removeInterest(of: session) } else { lostCount -= 1 }
        var session = session
        session.transfer(to: incarnation, from: row, endsAt: end)
        sessions[id] = session
        for audience in audiences(of: session) { interest.add(incarnation, to: audience) }
        return session
    }

    private mutating func removeInterest(of session: HubSession) {
        for audience in audiences(of: session) { interest.remove(session.owner, from: audience) }
    }

    private func audiences(of session: HubSession) -> [InterestTable.Audience] {
        var audiences = session.rooms.keys.map { InterestTable.Audience.room($0, namespace: session.namespace) }
        audiences.append(.everyone(namespace: session.namespace))
        if session.isSubscribed { audiences.append(.messages) }
        return audiences
    }

    /// Drops old events, and sessions whose clients did not come back in time.
    mutating func expire(at now: ContinuousClock.Instant) {
        guard let recovery else { return }
        log?.trim(at: now)
        let oldest = now - recovery.retention
        for id in inheritances.trim(before: oldest, maxBytes: recovery.maxBytes) { sessions[id]?.inherited?.forget() }
        for (id, since) in lost.takeAll(before: now - recovery.maxDisconnectionDuration) {
            deleteIfUnclaimed(id, since)
        }
    }

    /// Deletes a lost session, unless it was claimed since.
    private mutating func deleteIfUnclaimed(_ id: SessionID, _ since: ContinuousClock.Instant) {
        guard let session = sessions[id], session.state == .lost(since: since) else { return }
        remove(id, session)
    }
}
