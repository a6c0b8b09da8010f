import Glibc
import Transport

/// The simulated machine: one clock, one network and all processes, advanced step by step by seeded choices.
///
/// Use it from one thread. The clock advances only between steps.
package final class SimulatedKernel {
    /// The sizes of the kernel's buffers, in bytes.
    package struct Limits {
        package var sendBuffer = 64 << 10
        package var receiveBuffer = 64 << 10
        package var pipe = 256 << 10
        /// The maximum number of queued messages in each direction of a socket pair.
        package var socketPairMessages = 8

        package init() {}
    }

    package var choices: SeededChoices
    package let limits: Limits
    /// Allows partial reads, partial writes and delivery in pieces.
    package var splitsBytes = true
    /// The maximum number of open descriptors per process.
    package var maxDescriptors = 10_000
    /// The simulated time since the start of the run.
    package private(set) var elapsed = Duration.zero
    private let origin = ContinuousClock.now
    private let thread = pthread_self()
    /// The running processes, in the order of their start.
    package private(set) var processes: [SimulatedProcess] = []
    /// The processes that have ended.
    private var endedProcesses: [SimulatedProcess] = []
    private var exits: [Int32: (parent: Int32?, end: ProcessEnd)] = [:]
    private var connections: [SimulatedConnection] = []
    private var listeners: [UInt16: ListenerFile] = [:]
    private var lastProcess: Int32 = 100
    private var lastPort: UInt16 = 40_000
    /// The processes that another process has killed during the current turn. They die after that turn.
    private var killsAfterTurn: [Int32] = []
    /// The main function of every process started with `spawn`.
    package var childMain: (SimulatedProcess) -> Void = { _ in }

    /// Receives the rare incidents of every event loop.
    package var loopObserver: (any LoopObserver)?

    package init(seed: UInt64, limits: Limits = Limits()) {
        choices = SeededChoices(seed: seed)
        self.limits = limits
    }

    package var now: ContinuousClock.Instant { origin + elapsed }

    package func advance(by time: Duration) {
        elapsed += time
    }

    /// Traps if the caller is not on the simulation's thread.
    package func checkThread() {
        precondition(pthread_self() == thread, "a simulation has one thread")
    }

    // MARK: Processes

    /// Starts a process without a parent.
    package func start(_ main: @escaping (SimulatedProcess) -> Void) -> SimulatedProcess {
        start(parent: nil, arguments: [], files: [], main)
    }

    func start(
        parent: Int32?, arguments: [String], files: [OpenFile], _ main: @escaping (SimulatedProcess) -> Void
    ) -> SimulatedProcess {
        lastProcess += 1
        let process = SimulatedProcess(
            id: lastProcess, kernel: self, parent: parent, arguments: arguments, files: files, main: main)
        processes.append(process)
        return process
    }

    /// Runs one turn of a process. Kills that it requested take effect after the turn.
    package func run(_ process: SimulatedProcess) {
        process.runTurn()
        if process.isKilledMidTurn {
            finish(process, .signalled(SIGKILL))
        } else if let code = process.exitCode {
            finish(process, .exited(code: code))
        }
        let killsAfterTurn = killsAfterTurn
        self.killsAfterTurn = []
        for id in killsAfterTurn { kill(id) }
    }

    /// Kills a process immediately, like `kill -9`.
    package func kill(_ id: Int32) {
        guard let process = processes.first(where: { $0.id == id }) else { return }
        finish(process, .signalled(SIGKILL))
    }

    /// Sends a signal. Every process blocks its signals and reads them from a descriptor, so the signal stays pending
    /// until the process reads it.
    package func send(_ signal: CInt, to id: Int32) {
        processes.first { $0.id == id }?.receive(signal: signal)
    }

    /// The processes that have ended but whose event loops are still referenced.
    package var leakedProcesses: [Int32] { endedProcesses.filter { $0.leakedLoop != nil }.map(\.id) }

    func killAfterTurn(_ id: Int32) {
        killsAfterTurn.append(id)
    }

    private func finish(_ process: SimulatedProcess, _ end: ProcessEnd) {
        processes.removeAll { $0 === process }
        endedProcesses.append(process)
        process.finish(end)
        guard let parent = processes.first(where: { $0.id == process.parent }) else { return }
        exits[process.id] = (parent.id, end)
        parent.receive(signal: SIGCHLD)
    }

    func reap(_ id: Int32) -> ProcessEnd? {
        if let end = exits.removeValue(forKey: id)?.end { return end }
        return processes.contains { $0.id == id } ? nil : .exited(code: -1)
    }

    // MARK: The network

    func listen(on address: SocketAddress) throws(SystemError) -> ListenerFile {
        guard address.unixPath == nil else { throw SystemError("socket", code: EAFNOSUPPORT) }
        var port = address.port
        if port == 0 {
            repeat { lastPort += 1 } while listeners[lastPort] != nil
            port = lastPort
        }
        guard listeners[port] == nil else { throw SystemError("bind", code: EADDRINUSE) }
        let file = ListenerFile(address.with(port: port)) { [unowned self] in listeners[port] = nil }
        listeners[port] = file
        return file
    }

    package func isListening(_ port: UInt16) -> Bool { listeners[port] != nil }

    /// Connects a client to a port.
    /// - Returns: the client's end; nil if no process listens on the port.
    package func connect(to port: UInt16, from address: String) -> SocketEnd? {
        connect(to: port, from: address, client: limits, server: limits)
    }

    /// Connects a client to a port, with separate buffer sizes for each side.
    /// - Returns: the client's end; nil if no process listens on the port.
    package func connect(to port: UInt16, from address: String, client: Limits, server: Limits) -> SocketEnd? {
        guard let listener = listeners[port] else { return nil }
        let connection = SimulatedConnection(
            client: client, server: server, clientAddress: address, serverAddress: listener.address.host)
        connections.append(connection)
        listener.backlog.append(connection.server)
        return connection.client
    }

    /// True if something is in flight that can be delivered.
    package var isNetworkBusy: Bool { connections.contains(where: \.canDeliver) }

    /// Delivers something of one connection, chosen at random.
    package func deliverOne() {
        connections.removeAll(where: \.isFinished)
        guard let connection = choices.element(of: connections.filter(\.canDeliver)) else { return }
        connection.deliver(splits: splitsBytes, &choices)
    }

    /// The addresses of clients that have closed connections which the server still keeps open.
    package var abandonedConnections: [String] {
        connections.filter { $0.client.isClosed && !$0.server.isClosed }.map(\.server.peer)
    }

    /// Resets a connection in the network: bytes in flight may be lost, and both ends receive a reset.
    package func resetConnection(of end: SocketEnd) {
        guard let connection = connections.first(where: { $0.client === end }) else { return }
        connection.client.outgoing.reset()
        connection.server.outgoing.reset()
    }

    /// Silently drops everything between a client and its server from now on.
    package func partition(_ end: SocketEnd) {
        connections.first { $0.client === end }?.isPartitioned = true
    }
}
