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
    private var events = FramesBuilder()
    private var eventAudience: Broadcast?

    var follow: MessageFollow
    private var messageCost = 0
    private var pausedSenders: [Connection] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        loop: EventLoop, options: ServerOptions, adapter: any Adapter,
        report: @escaping @Sendable (ServerReport) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.adapter = adapter
        self.report = report
        follow = MessageFollow(loop: loop)
    }

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

    /// Gathers an operation for the end of this turn.
    func submit(_ operation: Operation) {
        outbox.append(operation)
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
            case .message(let message):
                flushEvents()
                follow.gather(message)
                if follow.gatheredBytes > Self.pieceLimit { flushMessages() }
            case .event(let broadcast, _):
                flushMessages()
                gather(broadcast)
                if events.byteCount > Self.pieceLimit { flushEvents() }
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
        case .registered(let id, _):
            guard let socket = sockets[id] else { return }
            members(of: socket.namespace.name).everyone.assumeIsolated { $0.add(socket) }
            socket.assumeIsolated { $0.registered() }
        case .joined(let id, let room):
            guard let socket = sockets[id] else { return }
            members(of: socket.namespace.name).join(socket, room)
            socket.assumeIsolated { $0.operationReturned() }
        case .left(let id, let room):
            guard let socket = sockets[id] else { return }
            members(of: socket.namespace.name).leave(socket, room)
            socket.assumeIsolated { $0.operationReturned() }
        case .emitted(let id):
            sockets[id]?.assumeIsolated { $0.operationReturned() }
        case .stored(let id, let result):
            sockets[id]?.assumeIsolated { $0.stored(result) }
        case .subscribed(let id, let lastPublished, let highest):
            subscribed(id, lastPublished: lastPublished, highest: highest)
        case .event, .message:
            break
        }
    }

    private func members(of namespace: String) -> NamespaceMembers {
        if let found = members[namespace] { return found }
        let made = NamespaceMembers(loop: loop)
        members[namespace] = made
        return made
    }

    // MARK: Events

    private func gather(_ broadcast: Broadcast) {
        if let eventAudience, !eventAudience.hasAudience(of: broadcast) { flushEvents() }
        eventAudience = broadcast
        events.append(broadcast.event.text, isBinary: false)
        for attachment in broadcast.event.attachments { events.append(attachment, isBinary: true) }
    }

    private func flushEvents() {
        guard let audience = eventAudience else { return }
        eventAudience = nil
        let frames = events.finish()
        counters.deliveryBatches += 1
        members[audience.namespace]?.deliver(frames, to: audience, sockets: sockets)
    }

    // MARK: Sockets

    /// A socket is gone.
    func remove(_ socket: Socket) {
        guard sockets.removeValue(forKey: socket.id) != nil else { return }
        members[socket.namespace.name]?.remove(socket)
        follow.live.assumeIsolated { $0.remove(socket.id) }
        // Its messages on the way have nobody to tell of their results.
        let cost = socket.assumeIsolated { $0.abandonMessages() }
        messageReturned(cost: cost)
        submit(.unregister(socket.key))
    }

    // MARK: Back-pressure

    /// A message went to the store. Beyond the bound, its sender is not read until half of what is on its way has
    /// come back.
    func messageSubmitted(cost: Int, by sender: Connection) {
        counters.messagesIn += 1
        messageCost += cost
        guard messageCost > options.maxMessagesInFlight else { return }
        sender.assumeIsolated { $0.pause(.store) }
        pausedSenders.append(sender)
    }

    func messageReturned(cost: Int) {
        messageCost -= cost
        guard !pausedSenders.isEmpty, messageCost <= options.maxMessagesInFlight / 2 else { return }
        let senders = pausedSenders
        pausedSenders = []
        for sender in senders { sender.assumeIsolated { $0.resume(.store) } }
    }

    /// The bytes of messages on their way into the store.
    var messagesInFlight: Int { messageCost }
}

extension Worker: TurnHandler {
    nonisolated func turnEnded() {
        assumeIsolated { $0.exchange() }
    }
}
