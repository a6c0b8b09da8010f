import Transport

/// One client's connection: its Engine.IO session, and the sockets it has, one in each namespace it joined.
actor Connection {
    /// A connection may be in at most this many namespaces.
    static let maxNamespaces = 10_000

    nonisolated let worker: Worker
    private let session: LoopBound<EngineSession>
    private var decoder = PacketDecoder()
    /// Nearly every client is in the main namespace and no other.
    private var main: Socket?
    private var others: [String: Socket] = [:]
    /// The namespaces that the client was in.
    private var left: Set<String> = []
    private var connectTimer: LoopBound<EventLoop.TimerToken>?
    private var isOver = false
    private var pauses: Set<Pause> = []

    /// Why a connection is not read from.
    enum Pause {
        /// Too much is on its way into the store.
        case store
        /// Too many events wait for a suspended handler.
        case handlers
        /// Too much of what a socket did waits for what it did before.
        case order
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { worker.loop.asUnownedSerialExecutor() }

    init(_ session: LoopBound<EngineSession>, worker: Worker) {
        self.session = session
        self.worker = worker
    }

    /// Starts the time in which the client has to join a namespace.
    func start() {
        let loop = worker.loop
        connectTimer = LoopBound(loop.startTimer(at: loop.now + worker.options.connectTimeout, self), to: loop)
    }

    // MARK: Receiving

    private func receive(_ messages: [EngineMessage]) {
        for message in messages where !isOver {
            do {
                if let packet = try decode(message) { try receive(packet) }
            } catch {
                worker.assumeIsolated { $0.counters.parseErrors += 1 }
                close(.parseError)
            }
        }
    }

    private func decode(_ message: EngineMessage) throws(PacketError) -> Packet? {
        switch message {
        case .text(let text): try decoder.receive(text: text, from: 1)
        case .binary(let bytes): try decoder.receive(binary: bytes)
        }
    }

    private func receive(_ packet: Packet) throws(ConnectionError) {
        if packet.type == .connect { return try connect(packet) }
        guard let socket = socket(in: packet.namespace) else { return try receiveForNobody(packet) }
        switch packet.type {
        case .event, .binaryEvent:
            socket.assumeIsolated { $0.receive(event: packet) }
        case .acknowledgement, .binaryAcknowledgement:
            socket.assumeIsolated { $0.receive(acknowledgement: packet) }
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

    private func connect(_ packet: Packet) throws(ConnectionError) {
        guard socket(in: packet.namespace) == nil else { throw .alreadyConnected(packet.namespace) }
        guard others.count < Self.maxNamespaces, left.count < Self.maxNamespaces else {
            throw .tooManyNamespaces(limit: Self.maxNamespaces)
        }
        guard let namespace = worker.namespaces[packet.namespace] else {
            return refuse(packet.namespace, ConnectError("Invalid namespace"))
        }
        let handshake = Handshake(request: session.value.request, address: session.value.peer, auth: packet.auth)
        let socket = Socket(id: .random(), in: namespace, of: self, handshake: handshake)
        left.remove(packet.namespace)
        if packet.namespace == "/" { main = socket } else { others[packet.namespace] = socket }
        cancelConnectTimer()
        socket.assumeIsolated { $0.start() }
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
        let session = session.value
        if !isVolatile || session.pendingBytes <= Room.slowMark { session.send(frames) }
        return session.pendingBytes
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
    func close(_ reason: EngineCloseReason) {
        session.value.close(reason)
    }

    private func end(_ reason: EngineCloseReason) {
        guard !isOver else { return }
        isOver = true
        cancelConnectTimer()
        let sockets = (main.map { [$0] } ?? []) + others.values.sorted { $0.namespace.name < $1.namespace.name }
        for socket in sockets { socket.assumeIsolated { $0.end(DisconnectReason(reason)) } }
        main = nil
        others = [:]
    }

    // MARK: Back-pressure

    /// Stops reading from the client until ``resume(_:)`` with the same reason.
    func pause(_ reason: Pause) {
        if pauses.insert(reason).inserted { session.value.setReading(false) }
    }

    func resume(_ reason: Pause) {
        if pauses.remove(reason) != nil, pauses.isEmpty { session.value.setReading(true) }
    }
}

extension Connection: EngineSessionHandler {
    nonisolated func sessionReceived(_ messages: [EngineMessage]) {
        assumeIsolated { $0.receive(messages) }
    }

    nonisolated func sessionEnded(_ reason: EngineCloseReason) {
        assumeIsolated { $0.end(reason) }
    }

    nonisolated func sessionDrained() {
        assumeIsolated { connection in
            guard let socket = connection.followingSocket else { return }
            connection.worker.assumeIsolated { $0.advance(socket) }
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
