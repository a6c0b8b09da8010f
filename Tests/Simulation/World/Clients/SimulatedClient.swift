import Actors
import SimulatedMachine
import Transport

/// A client as the official one and the tutorial's page behave: one connection, the main namespace, and perhaps another one.
final class SimulatedClient {
    enum Kind: CaseIterable {
        /// The tutorial's page: `retries`, and `serverOffset` from each message.
        case tutorial
        /// Sends many messages without waiting, each once.
        case pipelining
        /// Knows nothing of `serverOffset`: recovery alone brings what it missed.
        case recovering
        /// Wants the latest messages only, until it has some.
        case latest
    }

    let number: Int
    let kind: Kind
    /// Whether it asks for things before it knows that it is let in.
    let isHasty: Bool
    unowned let world: World
    private(set) var transport: (any ClientTransport)?
    /// Names the transport.
    private(set) var transportNumber = 0
    var appetite = Appetite.good
    private var reader = ServerPacketReader()
    /// When the server was heard last, in virtual milliseconds.
    private var heardAt = 0
    private(set) lazy var main = ClientSocket("/", of: self)
    /// Its second namespace, if it knows of one.
    private(set) var side: ClientSocket?
    private(set) lazy var messages = ClientMessages(of: self)
    let rows: ClientRows

    init(number: Int, kind: Kind, in world: World) {
        self.number = number
        self.kind = kind
        self.world = world
        isHasty = world.kernel.choices.chance(perMille: 250)
        rows = ClientRows(of: number, kind, in: world)
        if world.kernel.choices.chance(perMille: 500) { side = ClientSocket(SimulatedApplication.side, of: self) }
    }

    private var record: Record { world.record }
    var isConnected: Bool { main.isConnected }
    var sockets: [ClientSocket] { [main] + (side.map { [$0] } ?? []) }

    // MARK: Connecting

    /// Opens a transport and says who it is.
    func connect(by transport: any ClientTransport, number: Int) {
        self.transport = transport
        transportNumber = number
        heardAt = world.milliseconds
        reader = ServerPacketReader()
        main.connect(rows.handshake())
        if world.kernel.choices.chance(perMille: 700) { joinSide() }
    }

    /// Asks to be let into the second namespace.
    func joinSide() {
        guard transport != nil, let side, side.phase == .absent else { return }
        let wantsRefusal = !world.isSettling && world.kernel.choices.chance(perMille: 100)
        side.connect(wantsRefusal ? [("refuse", JSONText(integer: 1))] : [])
    }

    func sessionBegan(in socket: ClientSocket) {
        if socket === main { rows.sessionBegan() }
    }

    func connected(_ socket: ClientSocket) {
        if socket === main { messages.connected() }
    }

    /// The transport is gone, or the client leaves it.
    func disconnected() {
        transport = nil
        appetite = .good
        for socket in sockets { socket.disconnected() }
        rows.disconnected()
        messages.disconnected()
    }

    func send(_ packets: [EnginePacket]) {
        transport?.send(packets)
    }

    /// Time has passed.
    func checkDeadlines() {
        messages.checkDeadline()
        for socket in sockets { socket.giveLateAnswers() }
        let patience = Int(
            (world.settings.server.engine.pingInterval + world.settings.server.engine.pingTimeout) / .milliseconds(1))
        guard transport != nil, !appetite.isNone, world.milliseconds > heardAt + patience else { return }
        record.trace("client \(number) has not heard from the server since \(heardAt)")
        record.note(.timedOutByClient)
        record.require(
            !world.settings.isCalm || world.mayEnd(transportNumber), .noEndWithoutCause,
            "client \(number) hears nothing, and nothing went wrong")
        leave(.closed)
    }

    // MARK: Receiving

    /// Whether something has come that the client reads.
    var hasSomethingToRead: Bool {
        guard let transport, transport.hasInput else { return false }
        if case .none(let time) = appetite {
            let isOver = time.map { $0 <= world.milliseconds } ?? (world.isSettling && transport.isForgotten)
            guard isOver else { return false }
            appetite = .good
        }
        return true
    }

    /// Takes what the network has brought, or notices the end of the transport.
    func receive() {
        guard let transport else { return }
        transport.flush()
        for packet in transport.receive(atMost: appetite.bite(&world.kernel.choices)) {
            record.trace("client \(number) gets \(packet)")
            heardAt = world.milliseconds
            receive(packet)
            if self.transport !== transport { return }
        }
        if transport.isAtEnd || transport.isRefused { world.judgeEnd(of: transport, of: self) }
        if transport.isRefused {
            record.note(.refusedByServer)
            return leave(.closed)
        }
        if let fault = transport.fault { record.require(false, .settles, "client \(number) gets \(fault)") }
        guard transport.isAtEnd else { return }
        record.trace("client \(number) finds its connection closed: \(transport.ending)")
        transport.leave(.closed, kernel: world.kernel)
        disconnected()
    }

    private func receive(_ packet: EnginePacket) {
        if case .text(let text) = packet {
            switch text.first {
            case UInt8(ascii: "0"), UInt8(ascii: "6"): return
            case UInt8(ascii: "2"): return send(["3"])
            case UInt8(ascii: "1"): return leave(.closed)
            default: break
            }
        }
        switch reader.read(packet) {
        case .incomplete: break
        case .fault: record.require(false, .dataIsIntact, "client \(number) gets a packet that is none: \(packet)")
        case .packet(let packet):
            guard let socket = sockets.first(where: { $0.namespace == packet.namespace }) else {
                return record.require(false, .settles, "client \(number) hears of \(packet.namespace)")
            }
            socket.receive(packet.content)
        }
    }

    /// The server has taken it out of a namespace.
    func putOut(of socket: ClientSocket) {
        record.note(.putOutByServer)
        if socket === main { leave(.closed) }
    }

    func show(_ arguments: [Argument]) {
        rows.show(
            arguments.compactMap { argument in
                if case .json(let value) = argument { value } else { nil }
            })
    }

    func acknowledged(_ message: Message, as id: Int64?) {
        rows.judge(acknowledged: message, as: id)
        messages.acknowledged(message)
    }

    // MARK: Leaving

    /// The client's side of the transport ends.
    func leave(_ departure: Departure) {
        transport?.leave(departure, kernel: world.kernel)
        disconnected()
    }

    /// `disconnect()`: the client tells the server, and keeps its secret.
    func sayGoodbye() {
        for socket in sockets
        where socket.isConnected && (socket === main || world.kernel.choices.chance(perMille: 500)) {
            send(ClientPacket.disconnect(from: socket.namespace))
        }
        leave(.closed)
    }
}
