import Transport

/// One event loop's share of the server: its sockets and rooms, and the stream that tells them what happens.
actor Worker: StreamReceiver {
    /// What has happened since the start.
    struct Counters: Sendable {
        var parseErrors = 0
        var messagesIn = 0
        var deliveryBatches = 0
        var slowReaders = 0
        var pages = 0
    }

    /// Events and messages are handed on in pieces of about this many bytes, so that each client's limit is judged in time.
    private static let pieceLimit = 64 * 1024

    nonisolated let loop: EventLoop
    nonisolated let options: ServerOptions
    nonisolated let namespaces = NamespaceTable()
    nonisolated let adapter: any Adapter
    nonisolated let report: @Sendable (ServerReport) -> Void

    var counters = Counters()
    var sockets: [SessionID: Socket] = [:]
    private var members: [String: NamespaceMembers] = [:]
    private var outbox: [Operation] = []
    private var isExchangeRequested = false

    /// What the current batch of the stream has gathered for one audience.
    private var run: EventRun?
    /// The position applied last in the stream.
    private(set) var appliedPosition: UInt64 = 0
    private var claims: [UInt64: (namespace: String, connection: Connection)] = [:]
    private var lastClaim: UInt64 = 0
    private var openClaims = 0
    /// The claims that wait until others are answered: an answer may be large, and the hub has to keep it until it is taken.
    private var waitingClaims = Queue<Claim>()
    private static let maxOpenClaims = 16

    var follow: MessageFollow
    /// The sockets that follow the stored messages and are not up to date: what they get carries offsets of their own.
    var behind: [SessionID: Socket] = [:]
    private var credit: Credit
    private var pausedSenders: [Connection] = []
    /// The sockets that are gone while messages of theirs are on the way: what they told the others behind these waits for them.
    private var leaving: [SessionKey: Socket] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        loop: EventLoop, options: ServerOptions, adapter: any Adapter,
        report: @escaping @Sendable (ServerReport) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.adapter = adapter
        self.report = report
        credit = Credit(limit: options.maxInFlight)
        follow = MessageFollow(loop: loop)
    }

    nonisolated var terms: HubTerms { adapter.terms }

    /// Whether lost sessions are kept and can be claimed.
    nonisolated var keepsSessions: Bool { adapter.terms.keepsSessions }

    nonisolated func handlerFailed(_ error: any Error, in namespace: String) {
        report(.handlerFailed(error, namespace: namespace))
    }

    /// Runs `work` in the worker's isolation: at once when the caller is on the loop; otherwise soon,
    /// in the order of the caller's calls.
    nonisolated func run(_ work: @escaping @Sendable (isolated Worker) -> Void) {
        if loop.isOnLoop {
            assumeIsolated(work)
        } else {
            loop.execute { self.assumeIsolated(work) }
        }
    }

    // MARK: To the hub

    /// Gathers an operation for the end of this turn. When the credit is used up by it, its sender is not read until half of
    /// the credit has come back.
    func submit(_ operation: Operation, by sender: Connection? = nil) {
        outbox.append(operation)
        take(operation.cost, by: sender)
        guard !isExchangeRequested else { return }
        isExchangeRequested = true
        loop.atEndOfTurn(.exchange, self)
    }

    private func exchange() {
        isExchangeRequested = false
        let operations = outbox
        outbox.removeAll(keepingCapacity: operations.count <= 64)
        adapter.submit(operations)
    }

    // MARK: From the hub

    nonisolated func receive(_ items: [StreamItem]) {
        assumeIsolated { $0.apply(items) }
    }

    /// Applies the stream in its order. What follows each other for the same audience is encoded as one piece of bytes.
    private func apply(_ items: [StreamItem]) {
        for item in items {
            switch item {
            case .message(let message, let position):
                flushEvents()
                appliedPosition = max(appliedPosition, position)
                follow.gather(message, position: position)
                if follow.gatheredBytes > Self.pieceLimit { flushMessages() }
            case .event(let broadcast, let position):
                flushMessages()
                gather(broadcast, position: position)
                if let run, run.byteCount > Self.pieceLimit { flushEvents() }
            default:
                flushEvents()
                flushMessages()
                apply(item)
            }
        }
        flushEvents()
        flushMessages()
    }

    private func apply(_ item: StreamItem) {
        switch item {
        case .registered(let id, let position):
            appliedPosition = max(appliedPosition, position)
            guard let socket = sockets[id] else { return }
            members(of: socket.namespace.name).everyone.assumeIsolated { $0.add(socket) }
            socket.assumeIsolated { $0.registered(at: position) }
        case .claimed(let number, let answer):
            if case .recovered(let session) = answer { appliedPosition = max(appliedPosition, session.position) }
            openClaims -= 1
            submitClaims()
            guard let claim = claims.removeValue(forKey: number) else { return }
            claim.connection.assumeIsolated { $0.claimed(in: claim.namespace, answer) }
        case .ownershipLost(let key):
            guard let socket = sockets[key.id], socket.key == key else { return }
            socket.connection.assumeIsolated { $0.close(.forcedClose) }
        case .dataNoted(let id):
            sockets[id]?.assumeIsolated { $0.operationReturned() }
        case .joined(let id, let room):
            guard let socket = sockets[id] else { return }
            members(of: socket.namespace.name).join(socket, room)
            socket.assumeIsolated { $0.operationReturned() }
        case .left(let id, let room):
            guard let socket = sockets[id] else { return }
            members(of: socket.namespace.name).leave(socket, room)
            socket.assumeIsolated { $0.operationReturned() }
        case .emitted(let key, let cost):
            giveBack(cost)
            if let key, let socket = socket(key) { socket.assumeIsolated { $0.operationReturned() } }
        case .stored(let key, let result, let cost):
            giveBack(cost)
            stored(key, result)
        case .subscribed(let id, let lastPublished, let highest):
            subscribed(id, lastPublished: lastPublished, highest: highest)
        case .event, .message:
            break
        }
    }

    private func socket(_ key: SessionKey) -> Socket? {
        guard let socket = sockets[key.id], socket.key == key else { return nil }
        return socket
    }

    private func stored(_ key: SessionKey, _ result: StoreResult) {
        guard let socket = socket(key) ?? leaving[key] else { return }
        socket.assumeIsolated { $0.stored(result) }
        if !socket.assumeIsolated({ $0.awaitsResults }) { leaving[key] = nil }
    }

    private func members(of namespace: String) -> NamespaceMembers {
        if let found = members[namespace] { return found }
        let made = NamespaceMembers(loop: loop)
        members[namespace] = made
        return made
    }

    // MARK: Events

    private func gather(_ broadcast: Broadcast, position: UInt64) {
        if run?.append(broadcast, position: position) != true {
            flushEvents()
            run = EventRun(broadcast, position: position)
        }
        appliedPosition = max(appliedPosition, position)
    }

    private func flushEvents() {
        guard let run else { return }
        self.run = nil
        counters.deliveryBatches += 1
        let epoch = keepsSessions ? terms.epoch : nil
        let hasMessages = namespaces.messageNamespace?.name == run.audience.namespace
        let frames = run.frames(epoch: epoch, row: hasMessages ? follow.applied : nil)
        // Sockets that are behind share no offset with the others, nor with each other.
        let apart = hasMessages && epoch != nil ? behind : [:]
        members[run.audience.namespace]?.deliver(run, frames, epoch: epoch, sockets: sockets, apart: apart)
    }

    /// An event with an offset of its own, for one socket.
    nonisolated func frames(of event: EncodedEvent, at offset: Offset) -> Frames {
        var builder = FramesBuilder()
        builder.append(event, at: offset)
        return builder.finish()
    }

    // MARK: Sockets

    /// A client says that it had a session in a namespace.
    func claim(in namespace: String, auth: JSONText?, for connection: Connection) {
        lastClaim += 1
        claims[lastClaim] = (namespace, connection)
        waitingClaims.append(
            Claim(
                number: lastClaim, namespace: namespace,
                privateID: auth?[member: "pid"]?.string.flatMap { SessionID($0) },
                offset: auth?[member: "offset"]?.string, maxMissedBytes: options.engine.maxPending / 2))
        submitClaims()
    }

    private func submitClaims() {
        while openClaims < Self.maxOpenClaims, let claim = waitingClaims.removeFirst() {
            // Of a client that is gone nobody asks for the session.
            guard claims[claim.number]?.connection.assumeIsolated({ $0.isOver }) == false else {
                claims[claim.number] = nil
                continue
            }
            openClaims += 1
            submit(.claim(claim))
        }
    }

    /// A socket goes on with a session that the hub has given to this worker.
    func adopt(_ socket: Socket, rooms: [String]) {
        sockets[socket.id] = socket
        let members = members(of: socket.namespace.name)
        members.everyone.assumeIsolated { $0.add(socket) }
        for room in rooms { members.join(socket, room) }
    }

    /// A socket is gone.
    func remove(_ socket: Socket, keepsSession: Bool) {
        guard sockets[socket.id] === socket else { return }
        sockets[socket.id] = nil
        behind[socket.id] = nil
        members[socket.namespace.name]?.remove(socket)
        follow.live.assumeIsolated { $0.remove(socket.id) }
        if socket.assumeIsolated({ $0.awaitsResults }) { leaving[socket.key] = socket }
        submit(.unregister(socket.key, isKept: keepsSession))
    }

    // MARK: Back-pressure

    private func take(_ cost: Int, by sender: Connection?) {
        guard cost > 0 else { return }
        credit.take(cost)
        guard let sender, credit.isExhausted else { return }
        sender.assumeIsolated { $0.pause(.credit) }
        pausedSenders.append(sender)
    }

    private func giveBack(_ cost: Int) {
        credit.giveBack(cost)
        guard !pausedSenders.isEmpty, credit.isHalfFree else { return }
        let senders = pausedSenders
        pausedSenders = []
        for sender in senders { sender.assumeIsolated { $0.resume(.credit) } }
    }

    /// The bytes of what was given to the hub and is not answered.
    var bytesInFlight: Int { credit.used }
}

extension Worker: TurnHandler {
    nonisolated func turnEnded() {
        assumeIsolated { $0.exchange() }
    }
}
