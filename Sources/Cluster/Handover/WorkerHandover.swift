import Transport

/// A worker's side of the sockets that it shares with other workers: passes connections to the supervisor and receives
/// those that the supervisor passes on. Used on the worker's loop.
final class WorkerHandover: ConnectionHandover, TurnHandler {
    /// The most messages and bytes that may wait for the supervisor.
    static let maxWaiting = 256
    static let maxWaitingBytes = 4 << 20

    private let loop: EventLoop
    private let socket: PassingSocket
    private var routing: SessionRouting
    private var assembly = HandoverAssembly()
    private var reportedSessions = 0
    private var isReportRequested = false
    /// The connections whose arrival the supervisor does not know yet.
    private var unannounced: [PassedConnection] = []
    private let failed: (CodecError) -> Void
    var receiver: ((PassedConnection) -> Void)?

    /// - Parameters:
    ///   - descriptor: this process's end of the socket pair.
    ///   - number: the number of this worker's process.
    ///   - failed: called if the supervisor violates the protocol. The worker must exit then.
    init(
        _ descriptor: CInt, number: WorkerNumber, on loop: EventLoop, failed: @escaping (CodecError) -> Void = { _ in }
    ) {
        self.loop = loop
        self.failed = failed
        socket = PassingSocket(descriptor, on: loop)
        routing = SessionRouting(own: number)
    }

    /// - Throws: ``SystemError`` if the loop cannot watch the socket.
    func open() throws(SystemError) {
        try socket.open(for: self)
    }

    var worker: WorkerNumber { routing.own }

    var hasRoom: Bool {
        socket.isOpen && socket.waitingCount < Self.maxWaiting && socket.waitingBytes < Self.maxWaitingBytes
    }

    /// Opens no more sessions.
    func drain() {
        routing.isDraining = true
    }

    func destination(of key: SessionRouting.Key, isPassedOn: Bool) -> SessionRouting.Destination {
        routing.destination(of: key, isPassedOn: isPassedOn, isBusy: !hasRoom)
    }

    func pass(_ connection: PassedConnection, to destination: SessionRouting.Destination) {
        let target: WorkerNumber? = if case .worker(let number) = destination { number } else { nil }
        var descriptor: CInt? = connection.descriptor
        for message in connection.messages(to: target) {
            socket.send(message.bytes, passing: descriptor)
            descriptor = nil
        }
    }

    // MARK: Sessions

    func count(sessions change: Int) {
        routing.count(sessions: change)
        requestReport()
    }

    private func requestReport() {
        guard !isReportRequested else { return }
        isReportRequested = true
        loop.atEndOfTurn(.beforeWrites, self)
    }

    func turnEnded() {
        isReportRequested = false
        reportSessions()
    }

    private func reportSessions() {
        // While messages wait for the supervisor, the number waits too.
        guard routing.sessions != reportedSessions, socket.waitingCount == 0 else { return }
        reportedSessions = routing.sessions
        socket.send(HandoverMessage.sessions(UInt32(clamping: routing.sessions)).bytes)
    }
}

extension WorkerHandover: PassingHandler {
    func received(_ message: [UInt8], descriptor: CInt?) {
        var unused = descriptor
        do throws(CodecError) {
            switch try HandoverMessage(message) {
            case .connection(let beginning):
                let arrival = try assembly.begin(beginning, descriptor)
                unused = nil
                take(arrival)
            case .more(let bytes): take(try assembly.add(bytes))
            case .table(let table): routing.table = table
            case .arrived, .sessions: throw .unexpectedFrame
            }
        } catch {
            passingEnded()
            socket.close()
            failed(error)
        }
        if let unused { loop.machine.close(unused) }
    }

    func passingDrained() {
        let connections = unannounced
        unannounced = []
        for connection in connections { handle(connection) }
        reportSessions()
    }

    private func take(_ arrival: HandoverAssembly.Arrival?) {
        guard let arrival else { return }
        // The supervisor counts a new session as opened. If the request opens none, the report corrects that.
        reportedSessions = -1
        requestReport()
        socket.send(HandoverMessage.arrived(isTaken: arrival.descriptor != nil).bytes)
        guard let connection = arrival.connection else { return }
        // The request is handled after the supervisor can read that it arrived. Otherwise, if this process were killed
        // in between, the supervisor would answer the request too.
        if socket.waitingCount > 0 { unannounced.append(connection) } else { handle(connection) }
    }

    private func handle(_ connection: PassedConnection) {
        guard let receiver else { return loop.machine.close(connection.descriptor) }
        receiver(connection)
    }

    func passingEnded() {
        for connection in unannounced { loop.machine.close(connection.descriptor) }
        unannounced = []
        if let descriptor = assembly.descriptor { loop.machine.close(descriptor) }
        assembly = HandoverAssembly()
    }
}
