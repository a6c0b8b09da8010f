import Synchronization
import Transport

/// One client in one namespace.
///
/// Handlers run in the socket's isolation, on the worker's loop. They start in the order in which the client's events
/// arrived, each after the previous one has returned. The client observes their effects in the same order.
public actor Socket {
    enum Phase { case connecting, connected, gone }

    /// The origin of a socket's session.
    enum Origin {
        /// A new session. The value says how far the client's row ids are trusted, according to the offset of its
        /// earlier session.
        case fresh(RowTrust)
        /// A recovered session.
        case recovered(RecoveredSession)
    }

    /// The socket's id. It also names a room that contains only this socket.
    public nonisolated var id: SessionID { key.id }
    /// The namespace that the socket belongs to.
    public nonisolated let namespace: Namespace
    /// The data from the client's connection requests.
    public nonisolated var handshake: Handshake { storedHandshake.withLock { $0 } }
    private nonisolated let storedHandshake: Mutex<Handshake>
    /// The size in bytes of the input that the client has sent for this socket before the socket is accepted.
    private var unacceptedBytes = 0
    /// The size of the `auth` that the accepted socket keeps, in bytes, for the status.
    private var keptBytes = 0
    nonisolated let connection: Connection
    nonisolated var worker: Worker { connection.worker }
    package nonisolated let key: SessionKey
    /// The secret with which the client may claim its session later.
    nonisolated let privateID: SessionID
    /// True if the client resumed an earlier session, including every event it missed.
    public nonisolated let isRecovered: Bool
    private(set) var phase = Phase.connecting
    /// Who the client is; nil unless `identify` asks.
    public nonisolated var identity: ClientIdentity? { handshake.identity }
    /// Watches over the end of the client's identity; nil if it has none.
    var identityExpiry: LoopBound<IdentityExpiry>?
    /// The client's settings for the namespace's stored messages, from its latest CONNECT.
    public nonisolated let messageProfile: MessageProfile

    var inputs = EventQueue<SocketInput>()
    /// The handlers of this socket; unset until it has any.
    nonisolated let ownHandlers = AtomicLazyReference<HandlerRegistry>()
    /// The running concurrent handlers; nil until the first one starts.
    var concurrentHandlers: ConcurrentHandlers?
    var outbox = SocketOutbox()
    /// The entries that middleware added. They are carried out after the reply to CONNECT and before the connection
    /// handler.
    var earlyEntries: [SocketOutbox.Entry] = []
    var acknowledgements: PendingAcknowledgements?
    var cursor = ClientCursor()
    var historyWaiters = HistoryWaiters()
    var roomNames = SocketRooms()
    /// The application's values by their types; nil once they are released.
    var localValues: [ObjectIdentifier: any Sendable]? = [:]
    /// The application's data for the socket. It is a part of the session and recovered with it.
    public private(set) var data: JSONText?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { worker.loop.asUnownedSerialExecutor() }

    init(_ origin: Origin, in namespace: Namespace, of connection: Connection, handshake: Handshake) {
        switch origin {
        case .fresh:
            let loop = connection.worker.loop
            key = SessionKey(id: loop.makeSessionID())
            privateID = loop.makeSessionID()
            isRecovered = false
        case .recovered(let session):
            key = session.key
            // With an identity, the hub knows the session by another secret than the client does.
            privateID = handshake.auth?.privateID ?? session.privateID
            isRecovered = true
        }
        self.namespace = namespace
        self.connection = connection
        storedHandshake = Mutex(handshake)
        messageProfile = namespace.messageSettings.profile(handshake)
    }

    /// True if the client is connected to the namespace.
    public var isConnected: Bool { phase == .connected }

    /// The names of the socket's rooms, including the room named after its id.
    public var rooms: Set<String> { roomNames.all.union([id.description]) }

    /// Runs `work` in the socket's isolation: immediately if the caller is on the loop, otherwise later on the loop, in
    /// the order of the caller's calls.
    nonisolated func run(_ work: @escaping @Sendable (isolated Socket) -> Void) {
        if worker.loop.isOnLoop {
            assumeIsolated(work)
        } else {
            worker.loop.execute { self.assumeIsolated(work) }
        }
    }

    // MARK: Connecting

    /// Starts a new session if the middleware accepts it, or resumes a session that was accepted before.
    func startSession(_ origin: Origin) {
        inputs.hold()
        hold(handshake.authBytes)
        switch origin {
        case .fresh(let trust):
            if messageProfile.readsHistory {
                cursor.begin(serverOffset: handshake.serverOffset, trust: trust, latest: handshake.latest)
            } else {
                cursor.begin(serverOffset: nil, trust: .foreign, latest: 0)
            }
            startFresh()
        case .recovered(let session):
            startRecovered(session)
        }
    }

    func refuse(_ error: ConnectError) {
        guard phase == .connecting else { return }
        phase = .gone
        dropHandlers()
        earlyEntries = []
        inputs.clear()
        releaseInput()
        // If the client has resumed a session, the session stays available to another claim.
        worker.assumeIsolated { $0.remove(self, keepsSession: true) }
        connection.assumeIsolated {
            $0.removeSocket(in: namespace.name)
            $0.refuse(namespace.name, error, because: .middleware)
            $0.resume(.handlers(id))
        }
    }

    func register() {
        guard phase == .connecting else { return }
        let startRow = cursor.registeredStart
        // Only hubs of one stream may be ahead of another.
        let offset = worker.terms.sharesPositions ? handshake.earlierOffset : nil
        worker.assumeIsolated {
            $0.sockets.add(self)
            $0.submit(
                .register(
                    Registration(
                        key: key, namespace: namespace.name, group: namespace.group,
                        privateID: SessionSecret.known(to: privateID, of: identity),
                        startRow: startRow, earlierOffset: offset,
                        lifetime: identity?.lifetime(at: $0.loop.machine.wallClock))))
        }
    }

    /// Sets the state of a resumed session.
    func takeOver(_ session: RecoveredSession) {
        cursor.recover(session, serverOffset: handshake.serverOffset)
        roomNames = SocketRooms(session.rooms)
        data = session.data
    }

    /// Resumes a session: sends the reply to CONNECT and the missed events, then starts to deliver new ones.
    /// - Parameters:
    ///   - session: The session.
    ///   - missedSince: The events that arrived after the answer to the claim.
    func recover(_ session: RecoveredSession, missedSince: [PositionedEvent]) {
        worker.assumeIsolated {
            $0.sockets.adopt(self, rooms: session.rooms)
            $0.callRoomHandlers()
        }
        // A handler of rooms may have closed the connection.
        guard phase == .connecting else { return }
        phase = .connected
        writeConnectReply()
        for missed in session.missed + missedSince {
            let epoch = missed.epoch ?? worker.terms.epoch(at: missed.position, row: row)
            write(worker.frames(of: missed.event, at: Offset(epoch: epoch, position: missed.position, row: row)))
        }
        performEarlyEntries()
        finishConnecting()
        let missedBytes = (session.missed + missedSince).reduce(0) { $0 + $1.event.byteCount }
        connection.assumeIsolated { $0.chargeHistory(missedBytes, isUrgent: true) }
    }

    /// Completes the connection after the hub has registered the socket.
    /// - Parameter position: The position of the registration in the global order.
    func registered(at position: UInt64) {
        guard phase == .connecting else { return }
        phase = .connected
        cursor.registered(at: position)
        writeConnectReply()
        performEarlyEntries()
        finishConnecting()
    }

    private func performEarlyEntries() {
        let entries = earlyEntries
        earlyEntries = []
        for entry in entries { perform(entry) }
    }

    private func writeConnectReply() {
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendConnect(
            sid: Array(id.description.utf8), pid: worker.keepsSessions ? Array(privateID.description.utf8) : nil,
            namespace: namespace.name, to: &text)
        write(Frames(utf8: text))
    }

    private func finishConnecting() {
        // A handler of outgoing events may have ended the socket.
        if phase == .connected { accept() }
        // The connection handler runs before the events that arrived while middleware was suspended.
        if startHandlers(for: .connected) { handlersReturned() }
    }

    // MARK: Input before acceptance

    /// Counts input until the socket is accepted or rejected.
    func hold(_ bytes: Int) {
        guard phase == .connecting else { return }
        unacceptedBytes += bytes
        connection.assumeIsolated { $0.hold(bytes) }
    }

    private func releaseInput() {
        connection.assumeIsolated { [unacceptedBytes] in $0.release(unacceptedBytes) }
        unacceptedBytes = 0
    }

    private func accept() {
        releaseInput()
        connection.assumeIsolated { $0.accepted() }
        worker.namespaces.joined(namespace)
        if keepsAuth {
            keptBytes = handshake.authBytes
            worker.assumeIsolated { [keptBytes] in $0.keptAuthBytes += keptBytes }
        }
        watchIdentity()
        followMessages()
    }

    private var keepsAuth: Bool { worker.options.keepsHandshakes && !worker.options.dropsAuth }

    /// Drops `auth` after the connection handler has returned, unless the options keep it.
    func dropAuthIfNotKept() {
        guard !keepsAuth else { return }
        storedHandshake.withLock { $0.auth = nil }
    }

    // MARK: Data

    /// Sets the application's data for the socket. It is a part of the session and recovered with it.
    public func setData(_ data: JSONText) {
        guard phase != .gone else { return }
        self.data = data
        performOnceConnected(.request(.setData(key, data)))
    }

    // MARK: Ending

    /// Disconnects the client from the namespace after the effects of the socket's earlier calls. The client does not
    /// reconnect automatically. In middleware, throw ``ConnectError`` instead: there, this method only closes the
    /// connection if `close` is true, and otherwise has no effect.
    /// - Parameter close: True to disconnect the client from every namespace and close its connection.
    public func disconnect(close: Bool = false) {
        perform(.output(close ? .close : .disconnect))
    }

    /// Ends the socket. Has no effect on an ended socket.
    func end(_ reason: DisconnectReason) {
        guard phase != .gone else { return }
        let wasConnected = phase == .connected
        phase = .gone
        releaseInput()
        identityExpiry?.value.cancel()
        identityExpiry = nil
        worker.assumeIsolated { [keptBytes] in $0.keptAuthBytes -= keptBytes }
        keptBytes = 0
        // The connection handler never ran, so drop the socket's events.
        if !wasConnected {
            inputs.clear()
            dropHandlers()
        }
        earlyEntries = []
        connection.assumeIsolated {
            $0.removeSocket(in: namespace.name)
            // Held entries no longer wait for echoes.
            $0.resume(.order(id))
            if !wasConnected { $0.resume(.handlers(id)) }
        }
        worker.assumeIsolated { $0.remove(self, keepsSession: reason.keepsSession) }
        for timer in acknowledgements?.failAll() ?? [] { worker.loop.cancelTimer(timer.value) }
        acknowledgements = nil
        carryOutReleased()
        resumeSubscriptionWaiters()
        resumeRoomWaiters()
        // After a server-side disconnect, drop queued events.
        if reason == .serverNamespaceDisconnect || reason == .forcedClose { inputs.clear() }
        if wasConnected { enqueue(.ended(reason)) }
    }
}
