import Transport

/// The supervisor's side of the sockets that the workers share: passes each connection to its worker, and refuses those
/// that no worker can take. Used on the supervisor's loop.
final class HandoverExchange: TurnHandler {
    /// A connection on its way to a worker. This process keeps its descriptor until the connection has arrived, so that
    /// it can answer the request if the worker ends before.
    private struct Departure {
        let descriptor: CInt
        let headers: [(String, String)]
        let opensSession: Bool
    }

    /// A worker's end of this object.
    private final class Port: PassingHandler {
        let number: WorkerNumber
        let socket: PassingSocket
        unowned let exchange: HandoverExchange
        var assembly = HandoverAssembly()
        var departures: [Departure] = []
        /// The last table that was sent to the worker.
        var table: SessionRouting.Table?

        func closeDepartures() {
            for departure in departures { exchange.loop.machine.close(departure.descriptor) }
            departures = []
        }

        init(_ number: WorkerNumber, _ socket: PassingSocket, of exchange: HandoverExchange) {
            self.number = number
            self.socket = socket
            self.exchange = exchange
        }

        func received(_ message: [UInt8], descriptor: CInt?) {
            exchange.received(message, descriptor, from: self)
        }

        func passingDrained() {
            exchange.send(exchange.state.table, to: self)
        }

        func passingEnded() {
            if exchange.loop.hasEnded { closeDepartures() }
            if let descriptor = assembly.descriptor { exchange.loop.machine.close(descriptor) }
            assembly = HandoverAssembly()
        }
    }

    /// The most bytes that may wait for one worker.
    static let maxWaitingBytes = 16 << 20

    private let loop: EventLoop
    private let refusal: ConnectionRefusal
    /// Called for a worker that violates the protocol.
    private let evict: (WorkerNumber, CodecError) -> Void
    private var ports: [WorkerNumber: Port] = [:]
    private var state = SharedPort()
    private var isTableRequested = false
    /// The number of connections passed to a worker, and of those refused.
    private(set) var passed = 0
    private(set) var refused = 0

    init(on loop: EventLoop, evict: @escaping (WorkerNumber, CodecError) -> Void) {
        self.loop = loop
        self.evict = evict
        refusal = ConnectionRefusal(on: loop)
    }

    // MARK: Workers

    /// Adds a worker that has started.
    /// - Parameter descriptor: this process's end of the socket pair, closed by this object.
    /// - Throws: ``SystemError`` if the loop cannot watch the socket.
    func add(_ number: WorkerNumber, _ descriptor: CInt) throws(SystemError) {
        let port = Port(number, PassingSocket(descriptor, on: loop), of: self)
        try port.socket.open(for: port)
        ports[number] = port
        state.add(number)
        send(state.table, to: port)
        requestTable()
    }

    /// Records that a worker accepts connections, or that it opens no more sessions.
    func set(_ number: WorkerNumber, opensSessions: Bool) {
        state.set(number, opensSessions: opensSessions)
        requestTable()
    }

    /// Removes a worker whose process has ended. Requests on their way to it are refused.
    func remove(_ number: WorkerNumber) {
        guard let port = ports.removeValue(forKey: number) else { return }
        state.remove(number)
        // The worker may have sent connections, and the arrivals of others, before it ended.
        port.socket.receiveAvailable()
        port.passingEnded()
        port.socket.close()
        for departure in port.departures {
            refuse(departure.descriptor, departure.headers, departure.opensSession ? .unavailable : .sessionEnded)
        }
        port.departures = []
        requestTable()
    }

    /// Ends everything, when the supervisor ends.
    func close() {
        for number in ports.keys.sorted() { remove(number) }
    }

    // MARK: Messages

    private func received(_ bytes: [UInt8], _ descriptor: CInt?, from port: Port) {
        var unused = descriptor
        do throws(CodecError) {
            switch try HandoverMessage(bytes) {
            case .connection(let beginning):
                let arrival = try port.assembly.begin(beginning, descriptor)
                unused = nil
                forward(arrival, from: port)
            case .more(let bytes): forward(try port.assembly.add(bytes), from: port)
            case .arrived(let isTaken): try arrived(at: port, isTaken: isTaken)
            case .sessions(let count):
                state.set(port.number, sessions: Int(count))
                requestTable()
            case .table: throw .unexpectedFrame
            }
        } catch {
            evict(port.number, error)
        }
        if let unused { loop.machine.close(unused) }
    }

    private func forward(_ arrival: HandoverAssembly.Arrival?, from port: Port) {
        // Without a descriptor left in this process, the kernel has closed the connection.
        guard let arrival, let connection = arrival.connection else { return }
        let target = arrival.beginning.target
        switch state.route(to: target, from: port.number) {
        case .ended: refuse(connection.descriptor, connection.refusalHeaders, .sessionEnded)
        case .full: refuse(connection.descriptor, connection.refusalHeaders, .unavailable)
        case .to(let number): send(connection, to: number, opensSession: target == nil)
        }
        if target == nil { requestTable() }
    }

    private func send(_ connection: PassedConnection, to number: WorkerNumber, opensSession: Bool) {
        guard let port = ports[number], port.socket.isOpen, port.socket.waitingBytes < Self.maxWaitingBytes,
            let copy = try? loop.machine.duplicate(connection.descriptor)
        else {
            state.cancel(to: number, opensSession: opensSession)
            return refuse(connection.descriptor, connection.refusalHeaders, .unavailable)
        }
        passed += 1
        port.departures.append(
            Departure(descriptor: copy, headers: connection.refusalHeaders, opensSession: opensSession))
        let onward = PassedConnection(
            descriptor: connection.descriptor, peer: connection.peer, received: connection.received)
        var descriptor: CInt? = connection.descriptor
        for message in onward.messages(to: number) {
            port.socket.send(message.bytes, passing: descriptor)
            descriptor = nil
        }
    }

    private func arrived(at port: Port, isTaken: Bool) throws(CodecError) {
        guard !port.departures.isEmpty else { throw .unexpectedFrame }
        let departure = port.departures.removeFirst()
        state.arrived(at: port.number, opensSession: departure.opensSession, isTaken: isTaken)
        if isTaken {
            loop.machine.close(departure.descriptor)
        } else {
            refuse(departure.descriptor, departure.headers, .unavailable)
        }
    }

    private func refuse(
        _ descriptor: CInt, _ headers: [(String, String)], _ reason: ConnectionRefusal.Reason
    ) {
        refused += 1
        refusal.refuse(descriptor, because: reason, headers: headers)
    }

    // MARK: The table

    private func requestTable() {
        guard !isTableRequested else { return }
        isTableRequested = true
        loop.atEndOfTurn(.beforeWrites, self)
    }

    /// Sends the state to the workers if it has changed in this turn.
    func turnEnded() {
        isTableRequested = false
        let table = state.table
        for number in ports.keys.sorted() { if let port = ports[number] { send(table, to: port) } }
    }

    /// Sends the state to a worker unless the worker has it. While messages wait for the worker, the state waits too,
    /// so that a worker that does not read has only one waiting.
    private func send(_ table: SessionRouting.Table, to port: Port) {
        guard port.socket.waitingCount == 0, table != port.table else { return }
        port.table = table
        port.socket.send(HandoverMessage.table(table).bytes)
    }
}
