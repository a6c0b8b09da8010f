import Actors
import SimulatedMachine
import Transport

/// A client that behaves like the official client and the tutorial's page. It has one connection, the main namespace,
/// and in some runs a second namespace.
final class SimulatedClient {
    enum Kind: CaseIterable {
        /// The tutorial's page: it uses `retries`, and takes `serverOffset` from each message.
        case tutorial
        /// Sends many messages without waiting for acknowledgements, each once.
        case pipelining
        /// Sends no `serverOffset`, so that it depends on session recovery for missed messages.
        case recovering
        /// Requests only the latest messages until it has received some.
        case latest
    }

    let number: Int
    let kind: Kind
    /// True if the client sends requests before it is connected.
    let sendsEarly: Bool
    unowned let world: World
    private(set) var transport: (any ClientTransport)?
    /// The number of the current transport.
    private(set) var transportNumber = 0
    /// The host of the current or latest transport.
    private(set) var host: Host?
    var readRate = ReadRate.full
    private var reader = ServerPacketReader()
    /// The simulated time of the server's last packet, in milliseconds.
    private var lastPacketAt = 0
    private(set) lazy var main = ClientSocket("/", of: self)
    /// The socket of the second namespace, if the client uses it.
    private(set) var secondSocket: ClientSocket?
    private(set) lazy var messages = ClientMessages(of: self)
    let rows: ClientRows

    init(number: Int, kind: Kind, in world: World) {
        self.number = number
        self.kind = kind
        self.world = world
        sendsEarly = world.kernel.choices.chance(perMille: 250)
        rows = ClientRows(of: number, kind, in: world)
        if world.kernel.choices.chance(perMille: 500) {
            secondSocket = ClientSocket(SimulatedApplication.secondNamespace, of: self)
        }
    }

    private var record: Record { world.record }
    var isConnected: Bool { main.isConnected }
    var sockets: [ClientSocket] { [main] + (secondSocket.map { [$0] } ?? []) }

    // MARK: Connecting

    /// Uses a new transport and connects to the namespaces.
    func connect(to host: Host, by transport: any ClientTransport, number: Int) {
        self.host = host
        self.transport = transport
        transportNumber = number
        lastPacketAt = world.milliseconds
        reader = ServerPacketReader()
        main.connect(rows.handshake())
        if world.kernel.choices.chance(perMille: 700) { joinSecondNamespace() }
    }

    /// Connects to the second namespace.
    func joinSecondNamespace() {
        guard transport != nil, let secondSocket, secondSocket.phase == .disconnected else { return }
        let wantsRefusal = !world.isSettling && world.kernel.choices.chance(perMille: 100)
        secondSocket.connect(wantsRefusal ? [("refuse", JSONText(integer: 1))] : [])
    }

    func sessionBegan(in socket: ClientSocket) {
        if socket === main { rows.sessionBegan() }
    }

    func connected(_ socket: ClientSocket) {
        if socket === main { messages.connected() }
    }

    /// Called when the transport has ended, or when the client ends it.
    func disconnected() {
        transport = nil
        readRate = .full
        for socket in sockets { socket.disconnected() }
        rows.disconnected()
        messages.disconnected()
    }

    func send(_ packets: [EnginePacket]) {
        transport?.send(packets)
    }

    /// Handles expired timeouts.
    func checkDeadlines() {
        messages.checkDeadline()
        for socket in sockets { socket.sendLateAnswers() }
        let timeout = Int(
            (world.settings.server.engine.pingInterval + world.settings.server.engine.pingTimeout) / .milliseconds(1))
        guard transport != nil, !readRate.isPaused, world.milliseconds > lastPacketAt + timeout else { return }
        record.trace("client \(number) has received no packet since \(lastPacketAt) ms")
        record.note(.timedOutByClient)
        record.require(
            !world.settings.isFaultFree || world.canEndByStop(self), .noUnexplainedDisconnect,
            "client \(number) receives no packets without a fault")
        closeTransport(.closed)
    }

    // MARK: Receiving

    /// True if the client has input to read now. A paused client resumes reading when its pause has ended.
    var canRead: Bool {
        guard let transport, transport.hasInput else { return false }
        if case .paused(let time) = readRate {
            let isOver = time.map { $0 <= world.milliseconds } ?? (world.isSettling && transport.isClosedByServer)
            guard isOver else { return false }
            readRate = .full
        }
        return true
    }

    /// Reads input, or handles the end of the transport.
    func receive() {
        guard let transport else { return }
        transport.flush()
        for packet in transport.receive(atMost: readRate.byteLimit(&world.kernel.choices)) {
            record.trace("client \(number) receives \(packet)")
            lastPacketAt = world.milliseconds
            receive(packet)
            if self.transport !== transport { return }
        }
        if transport.isAtEnd || transport.isUnavailable { world.checkEnd(of: transport, of: self) }
        if transport.isUnavailable {
            record.note(.refusedByServer)
            return closeTransport(.closed)
        }
        if let error = transport.protocolError { record.require(false, .settles, "client \(number) receives \(error)") }
        guard transport.isAtEnd else { return }
        record.trace("client \(number) detects the end of its connection: \(transport.ending)")
        transport.close(.closed, kernel: world.kernel)
        disconnected()
    }

    private func receive(_ packet: EnginePacket) {
        if case .text(let text) = packet {
            switch text.first {
            case UInt8(ascii: "0"), UInt8(ascii: "6"): return
            case UInt8(ascii: "2"): return send(["3"])
            case UInt8(ascii: "1"): return closeTransport(.closed)
            default: break
            }
        }
        switch reader.read(packet) {
        case .incomplete: break
        case .malformed: record.require(false, .dataIsIntact, "client \(number) receives an invalid packet: \(packet)")
        case .packet(let packet):
            guard let socket = sockets.first(where: { $0.namespace == packet.namespace }) else {
                return record.require(false, .settles, "client \(number) receives a packet of \(packet.namespace)")
            }
            socket.receive(packet.content)
        }
    }

    /// Handles a disconnect packet of the server. Many applications reconnect at once; those of fault-free runs do not,
    /// because a claim in flight could take the second namespace's session from the next connection.
    func disconnectedByServer(from socket: ClientSocket) {
        record.note(.disconnectedByServer)
        guard socket === main else { return }
        closeTransport(.closed)
        if world.injectsFault(perMille: 800) { world.connect(self) }
    }

    func receiveMessage(_ arguments: [Argument]) {
        rows.add(
            arguments.compactMap { argument in
                if case .json(let value) = argument { value } else { nil }
            })
    }

    func acknowledged(_ message: Message, as id: Int64?) {
        rows.check(acknowledged: message, as: id)
        messages.acknowledged(message)
    }

    // MARK: Leaving

    /// Ends the client's side of the transport.
    func closeTransport(_ reason: TransportEnd) {
        transport?.close(reason, kernel: world.kernel)
        disconnected()
    }

    /// Implements `disconnect()`: sends disconnect packets and closes the transport. The client keeps its private
    /// session id.
    func sendDisconnect() {
        for socket in sockets
        where socket.isConnected && (socket === main || world.kernel.choices.chance(perMille: 500)) {
            send(ClientPacket.disconnect(from: socket.namespace))
        }
        closeTransport(.closed)
    }
}
