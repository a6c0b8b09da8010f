import Glibc
import Transport

/// The machines of a simulation: one clock, one network, and all processes, moved on step by step by choices from a seed.
///
/// It belongs to one thread. Time moves between steps only.
package final class SimulatedKernel {
    /// How large the kernel's buffers are, in bytes.
    package struct Limits {
        package var sendBuffer = 64 << 10
        package var receiveBuffer = 64 << 10
        package var pipe = 256 << 10
        /// How many messages wait in a socket pair.
        package var socketPairMessages = 8

        package init() {}
    }

    package var choices: SeededChoices
    package let limits: Limits
    /// Whether what is sent may arrive, and be taken by calls, in pieces.
    package var splitsBytes = true
    /// How many descriptors a process may have.
    package var maxDescriptors = 10_000
    /// The time since the start.
    package private(set) var elapsed = Duration.zero
    private let origin = ContinuousClock.now
    private let thread = pthread_self()
    /// Those that have not ended, in the order of their start.
    package private(set) var processes: [SimulatedProcess] = []
    /// The processes that have ended.
    private var endedProcesses: [SimulatedProcess] = []
    private var exits: [Int32: (parent: Int32?, end: ProcessEnd)] = [:]
    private var connections: [SimulatedConnection] = []
    private var listeners: [UInt16: ListenerFile] = [:]
    private var lastProcess: Int32 = 100
    private var lastPort: UInt16 = 40_000
    /// The processes that are to be killed behind the turn at hand.
    private var killsAfterTurn: [Int32] = []
    /// What a program does that is started by another one.
    package var childMain: (SimulatedProcess) -> Void = { _ in }

    /// Is told what seldom happens on the loops.
    package var loopObserver: (any LoopObserver)?

    package init(seed: UInt64, limits: Limits = Limits()) {
        choices = SeededChoices(seed: seed)
        self.limits = limits
    }

    package var now: ContinuousClock.Instant { origin + elapsed }

    package func advance(by time: Duration) {
        elapsed += time
    }

    /// Traps when something has left the simulation's thread.
    package func checkThread() {
        precondition(pthread_self() == thread, "a simulation has one thread")
    }

    // MARK: Processes

    /// Starts a process that nobody here has started.
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

    /// Lets a process take a turn; what it has done to others happens behind it.
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

    /// Ends a process at once, as `kill -9` does.
    package func kill(_ id: Int32) {
        guard let process = processes.first(where: { $0.id == id }) else { return }
        finish(process, .signalled(SIGKILL))
    }

    /// Sends a signal that every process blocks: it waits until the process receives it.
    package func send(_ signal: CInt, to id: Int32) {
        processes.first { $0.id == id }?.receive(signal: signal)
    }

    /// The processes that have ended and whose loops are kept by something.
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

    /// A client connects to a port.
    /// - Returns: its end; nil when nobody listens there.
    package func connect(to port: UInt16, from address: String) -> SocketEnd? {
        connect(to: port, from: address, client: limits, server: limits)
    }

    /// A client connects to a port, with buffers of both sides' own.
    /// - Returns: its end; nil when nobody listens there.
    package func connect(to port: UInt16, from address: String, client: Limits, server: Limits) -> SocketEnd? {
        guard let listener = listeners[port] else { return nil }
        let connection = SimulatedConnection(
            client: client, server: server, clientAddress: address, serverAddress: listener.address.host)
        connections.append(connection)
        listener.backlog.append(connection.server)
        return connection.client
    }

    /// Whether something is on its way in the network.
    package var isNetworkBusy: Bool { connections.contains(where: \.canDeliver) }

    /// Brings something that is on its way to its receiver.
    package func deliverOne() {
        connections.removeAll(where: \.isFinished)
        guard let connection = choices.element(of: connections.filter(\.canDeliver)) else { return }
        connection.deliver(splits: splitsBytes, &choices)
    }

    /// The clients that have gone, by their addresses, and whose connections a process has still.
    package var abandonedConnections: [String] {
        connections.filter { $0.client.isClosed && !$0.server.isClosed }.map(\.server.peer)
    }

    /// The network ends a connection: what is on its way may be lost, and both sides are told.
    package func resetConnection(of end: SocketEnd) {
        guard let connection = connections.first(where: { $0.client === end }) else { return }
        connection.client.outgoing.reset()
        connection.server.outgoing.reset()
    }

    /// From now on nothing passes between a client and its server, and neither is told.
    package func partition(_ end: SocketEnd) {
        connections.first { $0.client === end }?.isPartitioned = true
    }
}
