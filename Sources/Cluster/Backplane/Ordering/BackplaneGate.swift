import Actors
import Transport

/// Brings the requests of this host's workers and the messages of all hosts into one order.
///
/// An event for the sockets of all hosts is given to the broker and applied when it comes back. Meanwhile, further
/// requests of its sender that the hub carries out by itself wait (``HeldRequests``).
///
/// A value without I/O. The hub carries out the returned steps in order, then publishes ``takeUnsent(row:)``.
struct BackplaneGate {
    /// What the hub does next.
    enum Step {
        /// Carry out the request of a worker.
        case carryOut(HubRequest, Incarnation)
        /// Let the messages of the namespace arrive.
        case open(String)
        /// Apply a message. The origin is nil if it comes from another host; else the sender gets its credit back.
        case apply(BackplaneMessage, MessageOrigin?, sender: SessionKey?, credit: Int)
    }

    private var outgoing: OutgoingMessages
    private var held = HeldRequests()
    /// The namespaces that have had sockets on this host.
    private var known: Set<String> = []
    /// Those of them whose messages arrive.
    private var open: Set<String> = []
    /// The senders of the messages on their way, by ticket.
    private var senders: [UInt64: SessionKey] = [:]

    init(patience: Duration, at now: ContinuousClock.Instant) {
        outgoing = OutgoingMessages(patience: patience, at: now)
    }

    var isCutOff: Bool { outgoing.isCutOff }
    /// True if other hosts can be asked.
    var isConnected: Bool { outgoing.isConnected }
    /// The time at which the host will be cut off; nil if it is not waiting for a connection.
    var deadline: ContinuousClock.Instant? { outgoing.deadline }

    /// Handles a request of a worker.
    /// - Parameter isOwn: returns true for the id of a socket of this host.
    mutating func receive(
        _ request: HubRequest, from incarnation: Incarnation, isOwn: (SessionID) -> Bool
    ) -> [Step] {
        if let (message, sender) = request.message(isOwn: isOwn) {
            let origin = MessageOrigin(incarnation: incarnation, session: sender?.id)
            return send(message, from: origin, sender: sender, credit: request.cost)
        }
        guard request.keepsItsPlace else { return [.carryOut(request, incarnation)] }
        var steps: [Step] = []
        if case .register(let registration) = request, !open.contains(registration.namespace) {
            let namespace = registration.namespace
            if known.insert(namespace).inserted { steps.append(.open(namespace)) }
            // The first socket waits until messages of its namespace arrive. Otherwise it would miss some.
            let origin = MessageOrigin(incarnation: incarnation, session: nil)
            steps += send(.marker(namespace: namespace), from: origin, sender: nil, credit: 0)
        }
        guard !held.hold(request, of: request.session, from: incarnation) else { return steps }
        return steps + [.carryOut(request, incarnation)]
    }

    private mutating func send(
        _ message: BackplaneMessage, from origin: MessageOrigin, sender: SessionKey?, credit: Int
    ) -> [Step] {
        let entry = outgoing.append(message, from: origin, credit: credit)
        senders[entry.ticket] = sender
        guard !outgoing.isCutOff else { return apply([entry]) }
        held.sent(entry.ticket, from: origin)
        return []
    }

    /// True if a claim of this session must wait for messages of the session or of the application on its worker.
    func mustWait(beforeClaimOf id: SessionID, of owner: Incarnation) -> Bool {
        held.isOnItsWay(from: id, of: owner)
    }

    /// Takes the messages that can be given to the broker now.
    mutating func takeUnsent(row: Int64?) -> [OutgoingMessage] {
        outgoing.takeUnsent(row: row)
    }

    /// A message of this host has come back.
    mutating func returned(_ number: UInt64) -> [Step] {
        apply(outgoing.returned(number))
    }

    mutating func connected() {
        outgoing.connected()
    }

    mutating func disconnected(at now: ContinuousClock.Instant) {
        outgoing.disconnected(at: now)
    }

    /// Cuts the host off if it has waited too long.
    mutating func expire(at now: ContinuousClock.Instant) -> [Step] {
        apply(outgoing.expire(at: now))
    }

    /// Drops the requests of a worker that is gone. Its messages stay on their way.
    mutating func detach(_ incarnation: Incarnation) {
        held.drop(of: incarnation)
    }

    private mutating func apply(_ entries: [OutgoingMessages.Entry]) -> [Step] {
        var steps: [Step] = []
        for entry in entries {
            if case .marker(let namespace) = entry.message { open.insert(namespace) }
            let sender = senders.removeValue(forKey: entry.ticket)
            steps.append(.apply(entry.message, entry.origin, sender: sender, credit: entry.credit))
            for waiting in held.applied(entry.ticket, from: entry.origin) {
                steps.append(.carryOut(waiting.request, waiting.incarnation))
            }
        }
        return steps
    }
}

extension HubRequest {
    /// The message for all hosts that the request asks for, with its sender; nil if the hub carries it out by itself.
    /// What is for sockets of this host alone stays here.
    fileprivate func message(
        isOwn: (SessionID) -> Bool
    ) -> (message: BackplaneMessage, sender: SessionKey?)? {
        func isLocal(_ rooms: [String]) -> Bool {
            !rooms.isEmpty && rooms.allSatisfy { SessionID($0).map(isOwn) ?? false }
        }
        switch self {
        case .emit(let broadcast, let sender):
            return isLocal(broadcast.rooms) ? nil : (.event(broadcast), sender)
        case .change(let selection, let change, let sender):
            return isLocal(selection.rooms) ? nil : (.change(selection, change), sender)
        case .emitToServers(let event): return (.serverEvent(event), nil)
        default: return nil
        }
    }

    /// False for requests that have no place among the calls of a sender, and for claims, which wait elsewhere.
    fileprivate var keepsItsPlace: Bool {
        switch self {
        case .claim, .answer, .dismiss, .countWorkers: false
        default: true
        }
    }

    /// The session that the request concerns; nil for one of the application.
    fileprivate var session: SessionID? {
        switch self {
        case .register(let registration): registration.key.id
        case .unregister(let key, _), .setData(let key, _), .join(let key, _), .leave(let key, _), .store(let key, _),
            .subscribe(let key):
            key.id
        case .emit(_, let sender), .change(_, _, let sender), .fetch(_, let sender), .inquire(_, let sender):
            sender?.id
        case .claim, .countWorkers, .dismiss, .answer, .emitToServers: nil
        }
    }
}
