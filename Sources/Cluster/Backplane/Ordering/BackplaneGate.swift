import Actors
import Transport

/// Brings the requests of this host's workers and the messages of all hosts into one order.
///
/// An event for the sockets of all hosts is given to the broker and applied when it comes back. Meanwhile, further
/// requests of its sender that the hub carries out by itself wait (``HeldRequests``).
///
/// A value without I/O. The hub carries out the returned steps in order, then publishes ``takeUnsent(row:at:)``.
struct BackplaneGate {
    /// What the hub does next.
    enum Step {
        /// Carry out the request of a worker.
        case carryOut(HubRequest, Incarnation)
        /// Tell the operator that other hosts do not get a message, for this reason.
        case warn(String)
        /// Let the messages of the namespace arrive.
        case open(String)
        /// Let the messages to the room arrive.
        case openRoom(BackplaneRoom)
        /// Apply a message. The origin is nil if it comes from another host. With a credit, the sender gets an answer.
        /// The entry is the name of the message at a broker that keeps messages.
        case apply(BackplaneMessage, MessageOrigin?, sender: SessionKey?, credit: Int?, entry: EntryID?)
        /// Handle a message of this host about sessions, which has come back or is lost.
        case returned(HostMessage, isLost: Bool, entry: EntryID?)
        /// Answer the sender of a message that reaches nobody, as if it was applied.
        case drop(BackplaneMessage, MessageOrigin, sender: SessionKey?, credit: Int?)
        /// Refuse the request of a worker.
        case refuse(HubRequest, Incarnation)
    }

    private let outage: OutagePolicy
    private var outgoing: OutgoingMessages
    private var held = HeldRequests()
    /// The namespaces that workers have opened, or that have had sockets on this host.
    private var known: Set<String> = []
    /// Those of them whose messages arrive.
    private var open: Set<String> = []
    private var rooms = ArrivingRooms()
    /// The ticket of the last message that was applied.
    private var lastApplied: UInt64 = 0
    /// The senders of the messages on their way, by ticket.
    private var senders: [UInt64: SessionKey] = [:]

    init(_ backplane: any Backplane, at now: ContinuousClock.Instant) {
        self.init(
            patience: backplane.patience, startPatience: backplane.startPatience, outage: backplane.outagePolicy,
            at: now)
    }

    /// - Parameters:
    ///   - patience: how long messages wait for a connection.
    ///   - startPatience: how long they wait for the first one; nil for the same time.
    ///   - outage: what happens to events then.
    init(
        patience: Duration, startPatience: Duration? = nil, outage: OutagePolicy = .local,
        at now: ContinuousClock.Instant
    ) {
        self.outage = outage
        outgoing = OutgoingMessages(patience: patience, startPatience: startPatience, outage: outage, at: now)
    }

    var isCutOff: Bool { outgoing.isCutOff }
    /// True if other hosts can be asked.
    var isConnected: Bool { outgoing.isConnected }
    /// The time at which the host will be cut off; nil if it is not waiting for a connection.
    var deadline: ContinuousClock.Instant? { outgoing.deadline }

    /// Handles a request of a worker.
    /// - Parameters:
    ///   - isOwn: returns true for the id of a socket of this host in the namespace.
    ///   - expand: returns the broadcasts to the namespaces of a group; the broadcast itself if it is for a namespace.
    ///   - joined: returns the room that a socket joins, which may be the one named after it, if some messages to it
    ///     arrive only while it is open. The namespace is that of a registration that waits; nil for a socket without
    ///     one.
    mutating func receive(
        _ request: HubRequest, from incarnation: Incarnation, isOwn: (SessionID, _ namespace: String) -> Bool,
        expand: (Broadcast) -> [Broadcast],
        joined: (SessionKey, _ room: String, _ namespace: String?) -> BackplaneRoom? = { _, _, _ in nil }
    ) -> [Step] {
        if case .emit(let broadcast, let sender) = request, broadcast.namespace.utf8.first != UInt8(ascii: "/") {
            let parts = expand(broadcast)
            let origin = MessageOrigin(incarnation: incarnation, session: sender?.id)
            var steps: [Step] = []
            for (index, part) in parts.enumerated() {
                let credit = index == parts.count - 1 ? request.cost : nil
                steps += send(.event(part), from: origin, sender: sender, credit: credit)
            }
            if !parts.isEmpty { return steps }
        } else if let (message, sender) = request.message(isOwn: isOwn) {
            let origin = MessageOrigin(incarnation: incarnation, session: sender?.id)
            return send(message, from: origin, sender: sender, credit: request.cost)
        }
        if isCutOff, outage == .fail, case .inquire(let inquiry, _) = request, case .clients = inquiry.target {
            return [.refuse(request, incarnation)]
        }
        if case .dismiss(let number) = request, held.hold(request, behindInquiry: number, from: incarnation) {
            return []
        }
        var steps: [Step] = []
        switch request {
        case .register(let registration):
            let (key, namespace) = (registration.key, registration.namespace)
            steps = open(namespace, for: incarnation)
            let room = joined(key, key.id.description, namespace)
            if let room { steps += open(room, for: MessageOrigin(incarnation: incarnation, session: key.id)) }
        case .open(let namespace): steps = open(namespace, for: incarnation)
        case .join(let key, let name):
            let room = joined(key, name, held.namespace(ofRegistering: key.id, incarnation))
            if let room { steps = open(room, for: MessageOrigin(incarnation: incarnation, session: key.id)) }
        default: break
        }
        guard request.keepsItsPlace else { return steps + [.carryOut(request, incarnation)] }
        guard !held.hold(request, of: request.session, from: incarnation) else { return steps }
        return steps + [.carryOut(request, incarnation)]
    }

    /// Makes the messages of a namespace arrive. The requests of the worker wait until they do: its first socket would
    /// miss some otherwise.
    private mutating func open(_ namespace: String, for incarnation: Incarnation) -> [Step] {
        guard !open.contains(namespace) else { return [] }
        let steps = known.insert(namespace).inserted ? [Step.open(namespace)] : []
        let origin = MessageOrigin(incarnation: incarnation, session: nil)
        return steps + send(.marker(namespace: namespace), from: origin, sender: nil, credit: nil)
    }

    /// Makes the messages to a room arrive. The requests of the socket wait until they do: it would miss some
    /// otherwise.
    private mutating func open(_ room: BackplaneRoom, for origin: MessageOrigin) -> [Step] {
        guard rooms.mustWait(for: room) else { return [] }
        return [.openRoom(room)] + send(.roomMarker(room), from: origin, sender: nil, credit: nil)
    }

    /// Lets messages to a room without members cease to arrive.
    /// - Returns: false if a socket is about to join it.
    mutating func close(_ room: BackplaneRoom) -> Bool { rooms.close(room) }

    private mutating func send(
        _ message: BackplaneMessage, from origin: MessageOrigin, sender: SessionKey?, credit: Int?
    ) -> [Step] {
        let entry = outgoing.append(message, from: origin, credit: credit)
        senders[entry.ticket] = sender
        let warnings = message.refusal.map { [Step.warn($0)] } ?? []
        guard !outgoing.isCutOff else { return warnings + apply([entry]) }
        held.sent(entry.ticket, from: origin)
        return warnings
    }

    /// Sends a message without content, so that the order gets a further entry.
    mutating func mark() {
        _ = outgoing.append(
            .marker(namespace: "/"), from: MessageOrigin(incarnation: .others, session: nil), credit: nil)
    }

    /// Sends a message about sessions to the other hosts.
    mutating func send(_ message: HostMessage) {
        let origin = MessageOrigin(incarnation: .others, session: nil)
        if !isCutOff { _ = outgoing.append(.host(message), from: origin, credit: nil) }
    }

    /// The latest message, on its way now, of the session or of the application on its worker. A claim of the session
    /// waits for it.
    func latestMessage(of id: SessionID, _ owner: Incarnation) -> UInt64? {
        held.latestTicket(of: id, owner)
    }

    /// True if the message with this ticket was applied.
    func hasApplied(_ ticket: UInt64) -> Bool { lastApplied >= ticket }

    /// Takes the messages that can be given to the broker now.
    mutating func takeUnsent(row: Int64?, at now: ContinuousClock.Instant) -> [OutgoingMessage] {
        outgoing.takeUnsent(row: row, at: now)
    }

    /// A message of this host has come back.
    /// - Parameter entry: its name at a broker that keeps messages.
    mutating func returned(_ number: UInt64, entry: EntryID? = nil) -> [Step] {
        apply(outgoing.returned(number, as: entry))
    }

    /// A connection begins, on which no message up to this number will come back.
    mutating func begin(after number: UInt64) -> [Step] { apply(outgoing.begin(after: number)) }

    mutating func connected(at now: ContinuousClock.Instant) {
        outgoing.connected(at: now)
    }

    mutating func disconnected(at now: ContinuousClock.Instant) {
        outgoing.disconnected(at: now)
    }

    /// Cuts the host off if it has waited too long.
    mutating func expire(at now: ContinuousClock.Instant) -> [Step] {
        apply(outgoing.expire(at: now))
    }

    /// The number of the first message that should have come back on the present connection by now; nil if there is
    /// none.
    func overdueMessage(at now: ContinuousClock.Instant) -> UInt64? { outgoing.overdueMessage(at: now) }

    /// Forgets the namespaces that have no sockets any more, while no message is on its way.
    /// - Returns: false if messages are on their way.
    mutating func forget(allBut used: Set<String>) -> Bool {
        guard outgoing.isIdle else { return false }
        known.formIntersection(used)
        open.formIntersection(used)
        return true
    }

    /// Lets go the requests of a worker that is gone, in their order. Its messages stay on their way.
    mutating func detach(_ incarnation: Incarnation) -> [Step] {
        held.remove(of: incarnation).map { .carryOut($0.request, $0.incarnation) }
    }

    private mutating func apply(_ entries: [OutgoingMessages.Entry]) -> [Step] {
        var steps: [Step] = []
        for entry in entries {
            lastApplied = entry.ticket
            switch entry.message {
            case .marker(let namespace): open.insert(namespace)
            case .roomMarker(let room): rooms.arrived(room)
            case .event, .change, .serverEvent, .host: break
            }
            let sender = senders.removeValue(forKey: entry.ticket)
            if entry.isDropped {
                steps.append(.drop(entry.message, entry.origin, sender: sender, credit: entry.credit))
            } else if case .host(let message) = entry.message {
                steps.append(.returned(message, isLost: entry.isLost, entry: entry.name))
            } else {
                steps.append(
                    .apply(entry.message, entry.origin, sender: sender, credit: entry.credit, entry: entry.name))
            }
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
    func message(
        isOwn: (SessionID, _ namespace: String) -> Bool
    ) -> (message: BackplaneMessage, sender: SessionKey?)? {
        func isLocal(_ rooms: [String], _ namespace: String) -> Bool {
            !rooms.isEmpty && rooms.allSatisfy { room in SessionID(room).map { isOwn($0, namespace) } ?? false }
        }
        switch self {
        case .emit(let broadcast, let sender):
            return isLocal(broadcast.rooms, broadcast.namespace) ? nil : (.event(broadcast), sender)
        case .change(let selection, let change, let sender):
            return isLocal(selection.rooms, selection.namespace) ? nil : (.change(selection, change), sender)
        case .emitToServers(let event): return (.serverEvent(event), nil)
        default: return nil
        }
    }

    /// False for requests that have no place among the calls of a sender, and for claims, which wait elsewhere.
    fileprivate var keepsItsPlace: Bool {
        switch self {
        case .claim, .answer, .dismiss, .countWorkers, .open, .reportUse: false
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
        case .claim, .countWorkers, .dismiss, .answer, .emitToServers, .open, .reportUse: nil
        }
    }
}
