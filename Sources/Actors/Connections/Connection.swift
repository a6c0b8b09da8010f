import Transport

/// One client's connection: its Engine.IO session, and the sockets it has, one in each namespace it joined.
actor Connection {
    /// A connection may be in at most this many namespaces.
    static let maxNamespaces = 10_000

    nonisolated let worker: Worker
    let session: LoopBound<EngineSession>
    private(set) var decoder = PacketDecoder()
    /// Nearly every client is in the main namespace and no other.
    private var main: Socket?
    private var others: [String: Socket] = [:]
    /// The namespaces that the client was in.
    private var left: Set<String> = []
    /// The namespaces in which the client claims a session, and what it sent there while the answer is awaited.
    private var claims: [String: PendingClaim] = [:]
    private var connectTimer: LoopBound<EventLoop.TimerToken>?
    private(set) var isOver = false
    private var pauses: Set<Pause> = []
    /// The sockets whose handlers wait until the client has taken what waits for it.
    private var waiting: Set<SessionID> = []
    var unaccepted = UnacceptedInput()

    /// A claim on its way to the hub.
    private struct PendingClaim {
        let namespace: Namespace
        let auth: JSONText?
        var early: [Packet] = []
        var earlyBytes = 0
    }

    /// Why a connection is not read from.
    enum Pause: Hashable {
        /// The worker has given the hub as much work as it may.
        case credit
        /// Too much came before the answer to a claim in this namespace.
        case claim(String)
        /// Too many events wait for a suspended handler of this socket.
        case handlers(SessionID)
        /// Too much of what this socket did waits for what it did before.
        case order(SessionID)
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { worker.loop.asUnownedSerialExecutor() }

    init(_ session: LoopBound<EngineSession>, worker: Worker) {
        self.session = session
        self.worker = worker
    }

    /// Starts the time in which the client has to join a namespace.
    func awaitConnect() {
        let loop = worker.loop
        connectTimer = LoopBound(loop.startTimer(at: loop.now + worker.options.connectTimeout, self), to: loop)
        if worker.options.keepsHandshakes { holdRequest() }
    }

    // MARK: Receiving

    private func receive(_ messages: [ClientMessage]) {
        for message in messages where !isOver {
            do {
                if let packet = try decoder.receive(message) { try route(packet) }
            } catch {
                worker.assumeIsolated { $0.counters.parseErrors += 1 }
                close(.parseError)
            }
        }
        noteDecoder()
    }

    private func route(_ packet: Packet) throws(ConnectionError) {
        if packet.type == .connect { return try connect(packet) }
        guard claims[packet.namespace] == nil else { return keepUntilClaimed(packet) }
        guard let socket = socket(in: packet.namespace) else { return try receiveForNobody(packet) }
        hand(packet, to: socket)
    }

    private func hand(_ packet: Packet, to socket: Socket) {
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

    /// What the client sent before it learned that its socket is gone is dropped; an event that no CONNECT came
    /// before is refused.
    private func receiveForNobody(_ packet: Packet) throws(ConnectionError) {
        guard left.contains(packet.namespace) else { throw .notConnected(packet.namespace) }
    }

    private func keepUntilClaimed(_ packet: Packet) {
        guard var claim = claims.removeValue(forKey: packet.namespace) else { return }
        claim.early.append(packet)
        claim.earlyBytes += packet.byteCount
        hold(packet.byteCount)
        let limits = worker.loop.limits
        if claim.early.count >= limits.earlyPackets || claim.earlyBytes > limits.earlyPacketBytes {
            pause(.claim(packet.namespace))
        }
        claims[packet.namespace] = claim
    }

    private func connect(_ packet: Packet) throws(ConnectionError) {
        guard socket(in: packet.namespace) == nil, claims[packet.namespace] == nil else {
            throw .alreadyConnected(packet.namespace)
        }
        guard others.count + claims.count < Self.maxNamespaces, left.count < Self.maxNamespaces else {
            throw .tooManyNamespaces(limit: Self.maxNamespaces)
        }
        guard let namespace = worker.namespaces[packet.namespace] else {
            return refuse(packet.namespace, ConnectError("Invalid namespace"))
        }
        guard packet.auth?.utf8.count ?? 0 <= worker.options.maxAuth else {
            left.insert(packet.namespace)
            return refuse(packet.namespace, ConnectError("auth is too large"))
        }
        let auth = packet.auth?.detached
        cancelConnectTimer()
        left.remove(packet.namespace)
        if worker.keepsSessions, auth?[member: "pid"] != nil || auth?[member: "offset"] != nil {
            claims[namespace.name] = PendingClaim(namespace: namespace, auth: auth)
            hold(auth?.utf8.count ?? 0)
            worker.assumeIsolated { $0.claim(in: namespace.name, auth: auth, for: self) }
        } else {
            open(.fresh(.unlimited), in: namespace, auth: auth)
        }
    }

    /// The hub has answered a claim.
    func claimed(in name: String, _ answer: ClaimAnswer) {
        guard let claim = claims.removeValue(forKey: name), !isOver else {
            // The client is gone: its session goes back to wait for it.
            guard case .recovered(let session) = answer else { return }
            return worker.assumeIsolated { $0.submit(.unregister(session.key, isKept: true)) }
        }
        release((claim.auth?.utf8.count ?? 0) + claim.earlyBytes)
        switch answer {
        case .recovered(let session): open(.recovered(session), in: claim.namespace, auth: claim.auth)
        case .refused(let trust): open(.fresh(trust), in: claim.namespace, auth: claim.auth)
        }
        resume(.claim(name))
        for packet in claim.early {
            guard !isOver, let socket = socket(in: name) else { return }
            hand(packet, to: socket)
        }
    }

    private func open(_ origin: Socket.Origin, in namespace: Namespace, auth: JSONText?) {
        let handshake = Handshake(request: session.value.request, address: session.value.peer, auth: auth)
        let socket = Socket(origin, in: namespace, of: self, handshake: handshake)
        if namespace.name == "/" { main = socket } else { others[namespace.name] = socket }
        socket.assumeIsolated { $0.startSession(origin) }
    }

    private func socket(in namespace: String) -> Socket? {
        namespace == "/" ? main : others[namespace]
    }

    private func cancelConnectTimer() {
        guard let timer = connectTimer else { return }
        worker.loop.cancelTimer(timer.value)
        connectTimer = nil
    }

    // MARK: Sending

    /// Queues frames for the client.
    /// - Returns: the bytes that wait for it.
    func send(_ frames: Frames, isVolatile: Bool = false) -> Int {
        let slowMark = worker.loop.limits.slowMark
        let session = session.value
        if !isVolatile || session.pendingBytes <= slowMark { session.send(frames) }
        return session.pendingBytes
    }

    /// Queues the packet that takes the client out of a namespace: by the time it comes back, the hub must know.
    func sendDisconnect(_ frames: Frames) {
        session.value.sendAtEndOfTurn(frames)
    }

    /// The bytes that wait for the client.
    var pendingBytes: Int { session.value.pendingBytes }

    func refuse(_ namespace: String, _ error: ConnectError) {
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendConnectError(message: error.message, data: error.data, namespace: namespace, to: &text)
        session.value.send(Frames(utf8: text))
    }

    // MARK: Ending

    /// The socket of a namespace is gone.
    func forget(_ namespace: String) {
        if namespace == "/" { main = nil } else { others[namespace] = nil }
        left.insert(namespace)
    }

    /// Ends the connection, and with it every socket.
    /// - Parameter isFinal: whether a polling client is told not to come back.
    func close(_ reason: EngineCloseReason, isFinal: Bool = true) {
        session.value.close(reason, isFinal: isFinal)
    }

    private func end(_ reason: EngineCloseReason) {
        guard !isOver else { return }
        isOver = true
        cancelConnectTimer()
        for socket in sockets { socket.assumeIsolated { $0.end(DisconnectReason(reason)) } }
        main = nil
        others = [:]
    }

    /// Takes the client out of every namespace and closes its connection.
    func disconnect() {
        for socket in sockets { socket.assumeIsolated { $0.leaveNamespace() } }
        close(.forcedClose)
    }

    private var sockets: [Socket] {
        (main.map { [$0] } ?? []) + others.values.sorted { $0.namespace.name < $1.namespace.name }
    }

    // MARK: Back-pressure

    /// Stops reading from the client until ``resume(_:)`` with the same reason.
    func pause(_ reason: Pause) {
        if pauses.insert(reason).inserted { updateReading() }
    }

    func resume(_ reason: Pause) {
        if pauses.remove(reason) != nil { updateReading() }
    }

    /// Notes whether a socket's handler waits until the client has taken what waits for it. A client that is not read meanwhile
    /// must get on with that.
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
