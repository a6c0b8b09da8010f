import Synchronization
import Transport

/// One client in one namespace.
///
/// Its handlers run in its isolation, on the worker's loop: they start in the order in which the client's events
/// arrived, each after the one before has returned. What they do to the socket reaches the client in that order too.
public actor Socket {
    enum Phase { case connecting, connected, gone }

    /// How a socket begins.
    enum Origin {
        /// As a new session; an offset of an older one says how far the client's row ids can be trusted.
        case fresh(RowTrust)
        /// As one that was lost.
        case recovered(RecoveredSession)
    }

    /// The socket's id, which is also the name of a room of its own.
    public nonisolated var id: SessionID { key.id }
    public nonisolated let namespace: Namespace
    /// What the client brought when it connected.
    public nonisolated var handshake: Handshake { brought.withLock { $0 } }
    private nonisolated let brought: Mutex<Handshake>
    /// The bytes that the client has sent for this socket while it is not accepted.
    private var unacceptedBytes = 0
    /// What the accepted socket keeps of them, for the status.
    private var keptBytes = 0
    nonisolated let connection: Connection
    nonisolated var worker: Worker { connection.worker }
    package nonisolated let key: SessionKey
    /// The client's secret, by which it may claim its session later.
    nonisolated let privateID: SessionID
    /// Whether the client has got its session of before back, with everything it missed.
    public nonisolated let isRecovered: Bool
    /// What the client is to the stored messages of the namespace, as it said when it connected this time.
    public nonisolated let messageProfile: MessageProfile

    private(set) var phase = Phase.connecting
    var inputs = EventQueue<SocketInput>()
    var outbox = SocketOutbox()
    /// What middleware did, to be carried out behind the reply to CONNECT and before the connection handler.
    var early: [SocketOutbox.Entry] = []
    var acknowledgements: PendingAcknowledgements?
    var cursor = ClientCursor()
    var historyWaiters = HistoryWaiters()
    private var joined: Set<String> = []
    /// What the application remembers of the socket; it survives with the session.
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
            privateID = session.privateID
            isRecovered = true
        }
        self.namespace = namespace
        self.connection = connection
        brought = Mutex(handshake)
        messageProfile = namespace.handlers.messageProfile(handshake)
    }

    /// Whether the client is connected to the namespace.
    public var isConnected: Bool { phase == .connected }

    /// The rooms the socket is in, its own included.
    public var rooms: Set<String> { joined.union([id.description]) }

    /// Runs `work` in the socket's isolation: at once when the caller is on the loop; otherwise soon,
    /// in the order of the caller's calls.
    nonisolated func run(_ work: @escaping @Sendable (isolated Socket) -> Void) {
        if worker.loop.isOnLoop {
            assumeIsolated(work)
        } else {
            worker.loop.execute { self.assumeIsolated(work) }
        }
    }

    // MARK: Connecting

    /// Begins a new session with the middleware's consent, or goes on with one that had it.
    func startSession(_ origin: Origin) {
        inputs.hold()
        hold(handshake.authBytes)
        switch origin {
        case .fresh(let trust):
            cursor.begin(serverOffset: handshake.serverOffset, trust: trust, latest: handshake.latest)
            askMiddleware()
        case .recovered(let session):
            recover(session)
        }
    }

    private func askMiddleware() {
        let middleware = namespace.handlers.middleware
        for (index, check) in middleware.enumerated() {
            do throws(ConnectError) {
                guard case .synchronous(let check) = check else {
                    worker.loop.startTask { await self.askRest(of: middleware[index...]) }
                    return
                }
                try check(self)
            } catch {
                return refuse(error)
            }
        }
        register()
    }

    /// Goes on with checks that may wait.
    private func askRest(of middleware: ArraySlice<Namespace.Middleware>) async {
        for check in middleware {
            do throws(ConnectError) {
                switch check {
                case .synchronous(let check): try check(self)
                case .asynchronous(let check): try await check(self)
                }
            } catch {
                return refuse(error)
            }
        }
        register()
    }

    private func refuse(_ error: ConnectError) {
        guard phase == .connecting else { return }
        phase = .gone
        early = []
        inputs.clear()
        releaseInput()
        connection.assumeIsolated {
            $0.forget(namespace.name)
            $0.refuse(namespace.name, error)
            $0.resume(.handlers(id))
        }
    }

    private func register() {
        guard phase == .connecting else { return }
        let startRow = cursor.registeredStart
        worker.assumeIsolated {
            $0.sockets.add(self)
            $0.submit(
                .register(
                    Registration(
                        key: key, namespace: namespace.name, privateID: privateID, startRow: startRow)))
        }
    }

    /// Goes on with a session: the client is told, gets what it missed, and then what is new.
    private func recover(_ session: RecoveredSession) {
        worker.assumeIsolated { $0.sockets.adopt(self, rooms: session.rooms) }
        cursor.recover(session, serverOffset: handshake.serverOffset)
        joined = Set(session.rooms)
        data = session.data
        phase = .connected
        writeConnectReply()
        for missed in session.missed {
            write(
                worker.frames(
                    of: missed.event, at: Offset(epoch: worker.terms.epoch, position: missed.position, row: row)))
        }
        finishConnecting()
    }

    /// The hub has made the socket a member.
    func registered(at position: UInt64) {
        guard phase == .connecting else { return }
        phase = .connected
        cursor.registered(at: position)
        writeConnectReply()
        let entries = early
        early = []
        for entry in entries { perform(entry) }
        finishConnecting()
    }

    private func writeConnectReply() {
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendConnect(
            sid: Array(id.description.utf8), pid: worker.keepsSessions ? Array(privateID.description.utf8) : nil,
            namespace: namespace.name, to: &text)
        write(Frames(utf8: text))
    }

    private func finishConnecting() {
        accept()
        followMessages()
        // The connection handler goes before whatever arrived while middleware waited.
        if startHandler(for: .connected) { handlerReturned() }
    }

    // MARK: What the client sent before it is accepted

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
        guard worker.options.keepsHandshakes else { return }
        keptBytes = handshake.authBytes
        worker.assumeIsolated { [keptBytes] in $0.keptAuthBytes += keptBytes }
    }

    /// The connection handler has returned.
    func reduceHandshake() {
        guard !worker.options.keepsHandshakes else { return }
        brought.withLock { $0.auth = nil }
    }

    // MARK: Rooms

    /// Puts the socket into a room. ``rooms`` shows it at once; events reach it from the place in the one order that
    /// the hub gives the call. Middleware may call this and the methods below: they take effect when the client is
    /// connected, and not at all when it is refused.
    public func join(_ room: String) {
        guard phase != .gone, joined.insert(room).inserted else { return }
        performOnceConnected(.request(.join(key, room: room)))
    }

    /// Takes the socket out of a room.
    public func leave(_ room: String) {
        guard phase != .gone, joined.remove(room) != nil else { return }
        performOnceConnected(.request(.leave(key, room: room)))
    }

    /// Remembers something of the socket; it survives with the session.
    public func setData(_ data: JSONText) {
        guard phase != .gone else { return }
        self.data = data
        performOnceConnected(.request(.setData(key, data)))
    }

    // MARK: Ending

    /// Takes the client out of the namespace, behind everything that was done before. It does not come back by itself.
    /// Before the client is connected, in middleware, this does nothing: there a thrown ``ConnectError`` refuses it.
    /// - Parameter close: whether to take it out of every namespace and close its connection.
    public func disconnect(close: Bool = false) {
        perform(.output(close ? .close : .disconnect))
    }

    /// The socket is gone.
    func end(_ reason: DisconnectReason) {
        guard phase != .gone else { return }
        let wasConnected = phase == .connected
        phase = .gone
        releaseInput()
        worker.assumeIsolated { [keptBytes] in $0.keptAuthBytes -= keptBytes }
        keptBytes = 0
        // No handler has seen it, so none is to see what it sent.
        if !wasConnected { inputs.clear() }
        early = []
        connection.assumeIsolated {
            $0.forget(namespace.name)
            // What is held now waits for nothing any more.
            $0.resume(.order(id))
            if !wasConnected { $0.resume(.handlers(id)) }
        }
        worker.assumeIsolated { $0.remove(self, keepsSession: reason.keepsSession) }
        for timer in acknowledgements?.failAll() ?? [] { worker.loop.cancelTimer(timer.value) }
        acknowledgements = nil
        carryOutReleased()
        resumeSubscriptionWaiters()
        resumeRoomWaiters()
        // Whom the server puts out is not listened to any more.
        if reason == .serverNamespaceDisconnect || reason == .forcedClose { inputs.clear() }
        if wasConnected { arrive(.ended(reason)) }
    }
}
