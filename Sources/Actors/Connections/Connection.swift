import Transport

/// One client's connection: its Engine.IO session and one socket for each namespace it joined.
actor Connection {
    nonisolated let worker: Worker
    let session: LoopBound<EngineSession>
    var decoder = PacketDecoder()
    /// Decodes instead of ``decoder`` if the application chose another parser.
    let parserInput: ParserInput?
    /// The socket in the main namespace. Nearly every client has no other socket.
    var main: Socket?
    var others: [String: Socket] = [:]
    /// The namespaces that the client has left or was rejected from. Packets for them may still be in flight.
    var leftNamespaces: Set<String> = []
    /// The CONNECTs without an answer by namespace.
    var pendingConnects: [String: PendingConnect] = [:]
    private var connectTimer: LoopBound<EventLoop.TimerToken>?
    private var pauses: Set<Pause> = []
    /// The sockets with handlers that wait for the client to receive its pending output.
    private var waiting: Set<SessionID> = []
    var unaccepted = UnacceptedInput()
    /// The sockets' handlers of the change to a WebSocket.
    var upgradeHandlers: [SessionID: [Socket.UpgradeHandler]] = [:]
    /// The client's own rates until it is known who it is.
    var pace = Pace()
    /// What waits for the client's rates; nil if they do not keep the server from reading.
    var pacedInput: PacedInput?
    /// Whose rates the connection shares with others; nil if it shares none. Work that is done for the client counts
    /// for them also after its end.
    var paceOwner: PaceOwner?
    /// How many packets without a message do not wait for the others that share the rates.
    var freePackets = Connection.maxFreePackets
    private(set) var hasEnded = false
    /// True if the client has sent a message within its rates.
    var hasSent = false
    /// True if a page of the history was read for the client.
    var hasReadHistory = false
    /// True if an event was refused since the last message within the rates.
    var hasRefused = false

    /// A reason for the server not to read from the connection. Several may apply at once.
    enum Pause: Hashable {
        /// The worker has too much work of this kind in flight.
        case inFlight(WorkInFlight.Kind)
        /// Too much input arrived before the answer to the CONNECT to this namespace.
        case connect(String)
        /// Too many events wait for a suspended handler of this socket.
        case handlers(SessionID)
        /// The outbox of this socket holds too many entries.
        case order(SessionID)
        /// The client exceeds its rates.
        case rate
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { worker.loop.asUnownedSerialExecutor() }

    init(_ session: LoopBound<EngineSession>, worker: Worker) {
        self.session = session
        self.worker = worker
        parserInput = ParserInput(worker.options.parser)
    }

    /// Starts the timeout within which the client must join a namespace.
    func awaitConnect() {
        let loop = worker.loop
        connectTimer = LoopBound(loop.startTimer(at: loop.now + worker.options.connectTimeout, self), to: loop)
        if worker.options.keepsHandshakes { holdRequest() }
        shareRatesOfAddress()
    }

    // MARK: Receiving

    /// Decodes a message and passes its packet on.
    /// - Returns: false if the message is invalid, so that none may follow it.
    @discardableResult
    func handle(_ message: ClientMessage) -> Bool {
        do {
            if let packet = try decode(message) { try route(packet) }
            return true
        } catch {
            worker.assumeIsolated { $0.countRefusal(of: error) }
            worker.report(.invalidPacket(error, id: session.value.publicID, address: session.value.peer))
            close(.parseError)
            return false
        }
    }

    private func route(_ packet: Packet) throws(ConnectionError) {
        if packet.type == .connect { return try connect(packet) }
        guard pendingConnects[packet.namespace] == nil else { return bufferUntilJoined(packet) }
        guard let socket = socket(in: packet.namespace) else { return try receiveWithoutSocket(packet) }
        deliver(packet, to: socket)
    }

    func deliver(_ packet: Packet, to socket: Socket) {
        switch packet.type {
        case .event, .binaryEvent:
            socket.assumeIsolated { $0.receiveEvent(packet) }
        case .acknowledgement, .binaryAcknowledgement:
            socket.assumeIsolated { $0.receiveAcknowledgement(packet) }
        case .disconnect:
            socket.assumeIsolated { $0.end(.clientNamespaceDisconnect) }
        case .connect, .connectError:
            break
        }
    }

    /// Drops a packet that the client sent before it learned that its socket is gone. Throws if the namespace is not
    /// one of ``leftNamespaces``.
    private func receiveWithoutSocket(_ packet: Packet) throws(ConnectionError) {
        guard leftNamespaces.contains(packet.namespace) else { throw .notConnected(packet.namespace) }
    }

    func socket(in namespace: String) -> Socket? {
        namespace == "/" ? main : others[namespace]
    }

    func cancelConnectTimer() {
        guard let timer = connectTimer else { return }
        worker.loop.cancelTimer(timer.value)
        connectTimer = nil
    }

    // MARK: Sending

    /// Queues frames for the client.
    /// - Returns: The size of the client's pending output, in bytes.
    func send(_ frames: Frames, isVolatile: Bool = false) -> Int {
        let slowMark = worker.loop.limits.slowMark
        let session = session.value
        let frames = worker.converted(frames)
        if !isVolatile || session.pendingBytes <= slowMark { session.send(frames) }
        return session.pendingBytes
    }

    /// Queues the packet that disconnects the client from a namespace. It is sent at the end of the turn, after the
    /// requests to the hub, so that the hub knows of the disconnect before the client reconnects.
    func sendDisconnect(_ frames: Frames) {
        session.value.sendAtEndOfTurn(worker.converted(frames))
    }

    /// The size of the client's pending output, in bytes.
    var pendingBytes: Int { session.value.pendingBytes }

    /// Tells a client that it does not enter a namespace.
    func refuse(_ namespace: String, _ error: ConnectError, because reason: RefusedClient.Reason) {
        note(reason, of: namespace, error)
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendConnectError(message: error.message, data: error.data, namespace: namespace, to: &text)
        session.value.send(worker.converted(Frames(utf8: text)))
    }

    // MARK: Ending

    /// Removes the socket of a namespace.
    func removeSocket(in namespace: String) {
        if let socket = socket(in: namespace) {
            upgradeHandlers[socket.id] = nil
            endUse(of: socket.namespace)
        }
        if namespace == "/" { main = nil } else { others[namespace] = nil }
        leftNamespaces.insert(namespace)
    }

    /// Closes the connection and ends all its sockets.
    /// - Parameters:
    ///   - reason: The reason for the close.
    ///   - isFinal: True to tell a polling client not to reconnect.
    func close(_ reason: EngineCloseReason, isFinal: Bool = true) {
        session.value.close(reason, isFinal: isFinal)
    }

    private func end(_ reason: EngineCloseReason) {
        guard !hasEnded else { return }
        switch reason {
        case .transportClose, .transportError, .pingTimeout: finishPacing()
        case .parseError, .forcedClose, .serverShuttingDown: countWaitingAsDropped()
        }
        hasEnded = true
        cancelConnectTimer()
        stopPacing()
        endSharedRates()
        for socket in sockets { socket.assumeIsolated { $0.end(DisconnectReason(reason)) } }
        for pending in pendingConnects.values { pending.namespace.map(endUse) }
        main = nil
        others = [:]
        upgradeHandlers = [:]
    }

    /// Disconnects the client from every namespace and closes its connection.
    func disconnect() {
        for socket in sockets { socket.assumeIsolated { $0.leaveNamespace() } }
        close(.forcedClose)
    }

    var sockets: [Socket] {
        (main.map { [$0] } ?? []) + others.values.sorted { $0.namespace.name < $1.namespace.name }
    }

    // MARK: Back-pressure

    /// Stops reading from the client until ``resume(_:)`` with the same reason.
    func pause(_ reason: Pause) {
        if pauses.insert(reason).inserted { updateReading() }
    }

    func resume(_ reason: Pause) {
        guard pauses.remove(reason) != nil else { return }
        updateReading()
        if reason != .rate, !isPausedForWork { resumePacing() }
    }

    /// True if the server does not read from the client for another reason than its rates.
    var isPausedForWork: Bool { pauses.contains { $0 != .rate } }

    /// Records whether a socket's handler waits for the client to receive its pending output. If reading is paused
    /// while a handler waits, the heartbeat's deadline stays in force, and the client postpones it by receiving output.
    func setWaiting(_ isWaiting: Bool, for socket: SessionID) {
        if isWaiting { waiting.insert(socket) } else { waiting.remove(socket) }
        updateReading()
    }

    private func updateReading() {
        session.value.setReading(pauses.isEmpty, isForClient: !waiting.isEmpty)
    }
}

extension Connection: EngineSessionHandler {
    nonisolated func sessionReceived(_ messages: [ClientMessage]) {
        assumeIsolated { $0.receive(messages) }
    }

    nonisolated func sessionReceived(otherPackets count: Int, byteCount: Int) {
        assumeIsolated { $0.receive(otherPackets: count, byteCount: byteCount) }
    }

    nonisolated func sessionEnded(_ reason: EngineCloseReason) {
        assumeIsolated { $0.end(reason) }
    }

    nonisolated func sessionDrained() {
        assumeIsolated { connection in
            for socket in connection.sockets { socket.assumeIsolated { $0.resumeRoomWaiters() } }
            guard let socket = connection.followingSocket else { return }
            connection.worker.followers.assumeIsolated { $0.advance(socket) }
        }
    }

    private var followingSocket: Socket? {
        worker.namespaces.messageNamespace.flatMap { socket(in: $0.name) }
    }
}

extension Connection: TimerTarget {
    nonisolated func timerFired(at now: ContinuousClock.Instant) {
        assumeIsolated {
            $0.connectTimer = nil
            $0.close(.transportClose)
        }
    }
}
