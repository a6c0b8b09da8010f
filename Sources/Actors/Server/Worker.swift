import Transport

/// The core of a server: its sockets, its rooms, and its stream from the hub.
actor Worker: StreamReceiver {
    nonisolated let loop: EventLoop
    nonisolated let options: ServerOptions
    nonisolated let namespaces: NamespaceTable
    nonisolated let adapter: any Adapter
    nonisolated let followers: MessageFollowers
    nonisolated let handlerTasks: HandlerTasks
    nonisolated let report: @Sendable (ServerReport) -> Void
    /// Converts the output if the application chose another parser than the default one.
    nonisolated let parserOutput: ParserOutput?
    /// The limits of each client's rates; nil without limits.
    nonisolated let pace: Pace.Limits?

    var counters = Counters()
    var sharedPaces = SharedPaces()
    /// What this worker tells the others of its clients' use of limits that they share.
    var useReports = UseReports()
    var sockets: SocketTable
    /// The sockets that have had handlers of outgoing events.
    var outgoingHandlerSockets: Set<SessionID> = []
    var recoveriesInMiddleware: [SessionID: RecoveryInMiddleware] = [:]
    private var outbox: [HubRequest] = []
    private var isExchangeRequested = false
    /// The approximate size of the outbox, in bytes.
    private var outboxSize = 0
    /// The approximate size of a request without its content, in bytes.
    private static let requestSize = 64

    /// The progress through the stream, and its events that are not yet delivered.
    var stream: StreamGathering
    private var claims: ClaimWindow
    var fetches: FetchWindow
    var inquiries: WorkerInquiries

    /// True once the server has closed, so that nothing is awaited any more.
    var hasClosed = false
    private var inFlight: WorkInFlight
    /// The size of the `auth` that sockets keep, in bytes.
    var keptAuthBytes = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        loop: EventLoop, options: ServerOptions, adapter: any Adapter, namespaces: NamespaceTable,
        report: @escaping @Sendable (ServerReport) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.adapter = adapter
        self.namespaces = namespaces
        self.report = report
        parserOutput = ParserOutput(options.parser, loop: loop) { report(.packetNotSent($0)) }
        pace = Pace.Limits(options)
        handlerTasks = HandlerTasks(loop: loop)
        followers = MessageFollowers(
            loop: loop, adapter: adapter, maxReads: loop.limits.openReads ?? options.maxHistoryReads, report: report)
        stream = StreamGathering(
            feed: MessageFeed(ringCapacity: loop.limits.recentMessages), pieceLimit: loop.limits.piece)
        inFlight = WorkInFlight(limit: options.maxInFlight)
        let maxAnswer = max(1, options.engine.maxPending / 2)
        claims = ClaimWindow(maxOpen: min(loop.limits.openClaims, max(1, loop.limits.claimAnswers / maxAnswer)))
        sockets = SocketTable(loop: loop)
        fetches = FetchWindow(maxOpen: loop.limits.openFetches)
        inquiries = WorkerInquiries(on: loop)
    }

    nonisolated var terms: HubTerms { adapter.terms }

    /// True if lost sessions are kept and can be claimed.
    nonisolated var keepsSessions: Bool { adapter.terms.keepsSessions }

    /// Returns true if the application may emit an event with this name. Reports a reserved name.
    nonisolated func allows(event: String, in namespace: String) -> Bool {
        guard ReservedEventNames.contains(event) else { return true }
        report(.reservedEventName(event, namespace: namespace))
        return false
    }

    nonisolated func handlerFailed(_ error: any Error, in namespace: String) {
        report(.handlerFailed(error, namespace: namespace))
    }

    /// Runs `work` in the worker's isolation: immediately if the caller is on the loop, otherwise later on the loop, in
    /// the order of the caller's calls.
    nonisolated func run(_ work: @escaping @Sendable (isolated Worker) -> Void) {
        if loop.isOnLoop {
            assumeIsolated(work)
        } else {
            loop.execute { self.assumeIsolated(work) }
        }
    }

    // MARK: To the hub

    /// Queues a request for the end of this turn. Its sender is paused if too much work of this kind is in flight.
    func submit(_ request: HubRequest, by sender: Connection? = nil) {
        outbox.append(request)
        let cost = request.cost
        outboxSize += cost + request.freeSize + Self.requestSize
        if inFlight.add(cost, request.workKind, by: sender), let sender {
            loop.observer?.noted(.creditExhausted)
            sender.assumeIsolated { $0.pause(.inFlight(request.workKind)) }
        }
        // One turn may read from hundreds of clients. End it early to bound the batch for the hub.
        if outboxSize > loop.limits.outbox { loop.endTurnSoon() }
        guard !isExchangeRequested else { return }
        isExchangeRequested = true
        loop.atEndOfTurn(.beforeWrites, self)
    }

    /// Sends the queued requests. Called at the end of a turn, or before the hub may be closed in the same turn.
    func exchange() {
        isExchangeRequested = false
        guard !outbox.isEmpty else { return }
        let requests = outbox
        outboxSize = 0
        outbox.removeAll(keepingCapacity: requests.count <= 64)
        adapter.submit(requests)
    }

    // MARK: From the hub

    nonisolated func receive(_ events: [HubEvent]) {
        assumeIsolated { $0.process(events) }
    }

    private func process(_ events: [HubEvent]) {
        for event in events {
            if let due = stream.due(before: event) { deliver(due) }
            if stream.gather(event) {
                if let full = stream.finishIfFull() { deliver(full) }
            } else {
                stream.advance(past: event)
                apply(event)
            }
        }
        if let rest = stream.finish() { deliver(rest) }
    }

    private func deliver(_ delivery: StreamGathering.Delivery) {
        switch delivery {
        case .events(let run): deliverEvents(run)
        case .messages(let run, let through): followers.assumeIsolated { $0.deliverLive(run, through: through) }
        }
    }

    private func apply(_ event: HubEvent) {
        switch event {
        case .registered(let id, let position):
            registered(id)?.assumeIsolated { $0.registered(at: position) }
        case .claimed(let number, let answer):
            let claim = claims.answered(number)
            count(answer)
            submitClaims()
            guard let claim else { return }
            claim.connection.assumeIsolated { $0.claimed(in: claim.namespace, answer) }
        case .claimDelayed(let number):
            claims.delayed(number)
            submitClaims()
        case .ownershipLost(let key):
            guard let socket = sockets[key] else { return }
            socket.connection.assumeIsolated { $0.close(.forcedClose, isFinal: false) }
        case .dataRecorded(let id):
            sockets[id]?.assumeIsolated { $0.requestReturned() }
        case .joined(let id, let room):
            joined(id, room)?.assumeIsolated { $0.roomRequestReturned(room) }
        case .left(let id, let room):
            left(id, room)?.assumeIsolated { $0.roomRequestReturned(room) }
        case .emitted(let key, let cost), .carriedOut(let key, let cost):
            answered(cost, .events)
            requestReturned(key)
        case .changed(let selection, let change):
            apply(change, to: selection)
        case .fetched(let number, let key, let answer, let cost):
            answered(cost, .events)
            fetched(number, answer)
            requestReturned(key)
        case .stored(let key, let result, let cost):
            answered(cost, .messages)
            stored(key, result)
        case .subscribed(let id, _, let highest):
            subscribed(id, highest: highest)
        case .inquired(let number, let target): inquired(number, target)
        case .dismissed(let number): inquiryDismissed(number)
        case .answered(let report): inquiryAnswered(report)
        case .serverEvent(let event): handle(event, inquiry: nil)
        case .usedElsewhere(let use): apply(use)
        case .broadcast, .message, .deleted:
            break
        }
    }

    private func requestReturned(_ key: SessionKey?) {
        guard let key, let socket = sockets[key] else { return }
        socket.assumeIsolated { $0.requestReturned() }
    }

    private func stored(_ key: SessionKey, _ result: StoreResult) {
        guard let socket = sockets.resultRecipient(key) else { return }
        if let receivedAt = socket.assumeIsolated({ $0.stored(result) }) {
            counters.acknowledgements.observe(loop.now - receivedAt)
        }
        if !socket.assumeIsolated({ $0.awaitsResults }) { sockets.forget(key) }
    }

    // MARK: Events

    private func deliverEvents(_ run: EventRun) {
        counters.deliveryBatches += 1
        if !recoveriesInMiddleware.isEmpty { gatherForMiddleware(run) }
        let terms = keepsSessions ? terms : nil
        let hasMessages = namespaces.messageNamespace?.name == run.audience.namespace
        let frames = run.frames(terms: terms, row: hasMessages ? stream.feed.applied : nil)
        // Each socket that is behind needs an individual offset.
        let behind = hasMessages && terms != nil ? followers.assumeIsolated { $0.behind } : [:]
        let isVolatile = run.audience.isVolatile
        let recipients: [Socket]
        let audience = sockets.recipients(of: run.audience)
        if !outgoingHandlerSockets.isEmpty { callOutgoingHandlers(run, audience) }
        switch audience {
        case .room(let room) where behind.isEmpty:
            let (_, count) = room.assumeIsolated { ($0.deliver(frames, isVolatile: isVolatile), $0.count) }
            counters.eventDeliveries += run.count * count
            return
        case .room(let room): recipients = room.members
        case .members(let members): recipients = members
        }
        counters.eventDeliveries += run.count * recipients.count
        for socket in recipients {
            let ownFrames = behind[socket.id].map { $0.assumeIsolated { run.frames(terms: terms, row: $0.row) } }
            _ = socket.connection.assumeIsolated { $0.send(ownFrames ?? frames, isVolatile: isVolatile) }
        }
    }

    /// The frames of an event with an individual offset, for one socket.
    nonisolated func frames(of event: EncodedEvent, at offset: Offset) -> Frames {
        var builder = FramesBuilder()
        builder.appendEvent(event, at: offset)
        return builder.finish()
    }

    // MARK: Sockets

    /// Submits a client's claim to an earlier session in a namespace, as soon as the claim window allows.
    func claim(
        in namespace: String, auth: JSONText?, by identity: ClientIdentity?, for connection: Connection
    ) {
        claims.add(ClaimWindow.Claimant(namespace: namespace, connection: connection)) { number in
            Claim(
                number: number, namespace: namespace,
                privateID: auth?.privateID.map { SessionSecret.known(to: $0, of: identity) },
                offset: auth?["offset"]?.string, maxMissedBytes: options.engine.maxPending / 2,
                lifetime: identity?.lifetime(at: loop.machine.wallClock))
        }
        submitClaims()
    }

    private func submitClaims() {
        while let claim = claims.next() { submit(.claim(claim)) }
    }

    /// Removes a closed socket and unregisters its session.
    func remove(_ socket: Socket, keepsSession: Bool) {
        let awaitsResults = socket.assumeIsolated { $0.awaitsResults }
        // A socket that middleware rejects is in no table, but may have handlers.
        if sockets[socket.id] == nil || sockets[socket.id] === socket { outgoingHandlerSockets.remove(socket.id) }
        guard sockets.remove(socket, awaitsResults: awaitsResults) else { return }
        callRoomHandlers()
        recoveriesInMiddleware[socket.id] = nil
        followers.assumeIsolated { $0.remove(socket) }
        if !inquiries.clients.isEmpty { clientEnded(socket.id) }
        submit(.unregister(socket.key, isKept: keepsSession))
    }

    /// After the loop has ended, drops everything that waits for the hub. This breaks reference cycles, because waiting
    /// sockets and connections retain the worker.
    func loopEnded() {
        for socket in sockets.removeLeaving() { socket.assumeIsolated { $0.dropMessages() } }
        claims.removeAll()
        inFlight.dropSenders()
    }

    // MARK: Back-pressure

    private func answered(_ cost: Int, _ kind: WorkInFlight.Kind) {
        for sender in inFlight.answered(cost, kind) { sender.assumeIsolated { $0.resume(.inFlight(kind)) } }
    }

    /// The size of the unanswered requests to the hub, in bytes.
    var bytesInFlight: Int { inFlight.byteCount }
}

extension Worker: TurnHandler {
    nonisolated func turnEnded() {
        assumeIsolated { $0.exchange() }
    }
}
