import Actors
import Persistence
import SimulatedMachine
import Transport

/// Servers, clients, a network and a disk on one thread, advanced step by step. Every choice comes from the seed.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class World: @unchecked Sendable {
    let record: Record
    let kernel: SimulatedKernel
    let settings: Settings
    var disk = Disk()
    private(set) var clients: [SimulatedClient] = []
    /// A client that changes networks again and again, so that it claims its session from a connected owner.
    private(set) var roamingClient: SimulatedClient?
    private(set) var hosts: [Host] = []
    /// The hosts of the hubs' processes, by the ids of these.
    private var hostsOfProcesses: [Int32: Host] = [:]
    private(set) lazy var database: any Database = makeDatabase()
    /// The broker of several hosts.
    private(set) lazy var broker = SimulatedBroker(in: self)
    let operations: SocketOperations
    let inquiries: Inquiries
    let unreadEpochs = UnreadEpochs()
    let moves: SessionMoves
    /// The sessions that the broker keeps.
    let keptSessions: KeptSessions
    private(set) lazy var questions = Questions(in: self)
    private(set) lazy var handlers = HandlerRecord(
        record, isByProcess: settings.keepsSessions, mayReturn: { [keptSessions] in keptSessions.isUncertain(id: $0) })
    /// True in the final phase, which has no faults.
    var isSettling = false
    /// The processes that the simulation has killed.
    var killed: Set<Int32> = []
    private var lastNumber = 0
    private var starts = 0

    init(seed: UInt64, hosts: ClosedRange<Int>, isSmall: Bool, isTracing: Bool) {
        var choices = SeededChoices(seed: seed)
        settings = Settings(&choices, hosts: hosts, isSmall: isSmall)
        kernel = SimulatedKernel(seed: choices.next(), limits: settings.kernel)
        record = Record(isTracing: isTracing)
        operations = SocketOperations(record)
        moves = SessionMoves(record)
        keptSessions = KeptSessions(record, recovery: settings.recovery, now: { [kernel] in kernel.elapsed })
        inquiries = Inquiries(
            record, kernel, maxBytes: settings.limits.inquiryAnswers, isOfSeveralHosts: settings.hosts > 1)
        self.hosts = (0..<settings.hosts).map { Host(number: $0, model: makeModel(nil)) }
        moves.oracles = { [unowned self] in self.hosts.map(\.model) }
        for number in 0..<settings.clients {
            let kind = SimulatedClient.Kind.allCases[kernel.choices.below(SimulatedClient.Kind.allCases.count)]
            clients.append(SimulatedClient(number: number, kind: kind, in: self))
        }
        if kernel.choices.chance(perMille: 100) { roamingClient = clients.first }
        kernel.loopObserver = record
        kernel.maxDescriptors = settings.maxDescriptors
        kernel.childMain = { [unowned self] in runWorker($0) }
        for host in self.hosts { startServer(of: host) }
    }

    /// The simulated time since the start of the run.
    var milliseconds: Int { Int(kernel.elapsed / .milliseconds(1)) }

    /// Returns a number that is unique in this run.
    func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    /// The session with this id.
    /// - Parameter host: a host at which it is looked for first: the client's. It may have lost the session before the
    ///   client reads the answer to its claim.
    func session(_ id: SessionID, at host: Host?) -> HubOracle.Session? {
        host?.session(id) ?? host?.model.forgotten[id] ?? hosts.lazy.compactMap { $0.session(id) }.first
            ?? moves.session(id)
    }

    /// True if the servers that have started last do not know the epoch of an offset.
    func isOfEarlierEpoch(_ offset: String) -> Bool {
        let epochs = hosts.compactMap(\.epoch)
        return !epochs.isEmpty && !epochs.contains { offset.hasPrefix($0) }
    }

    private func makeModel(_ exchange: HostExchange?) -> HubOracle {
        HubOracle(record, operations, inquiries, settings, unreadEpochs, moves, keptSessions, exchange)
    }

    /// The host on which a process of a server runs.
    func host(of process: SimulatedProcess) -> Host {
        hostsOfProcesses[process.parent ?? process.id] ?? hosts[0]
    }

    /// True for the process of a host's hub.
    func isPrimary(_ process: SimulatedProcess) -> Bool { hosts.contains { $0.primary === process } }

    /// True for a worker of a server, or the hub's process of a server that has lost its database to another one.
    func isWorker(_ process: SimulatedProcess) -> Bool {
        !hosts.contains { $0.primary === process || $0.portOccupant === process }
    }

    /// Chooses a host.
    func anyHost() -> Host {
        hosts.count == 1 ? hosts[0] : hosts[kernel.choices.below(hosts.count)]
    }

    private func makeDatabase() -> any Database {
        guard hosts.count == 1 else { return SharedDatabase(in: self) }
        return switch settings.database {
        case .simulated: SimulatedDatabase(in: self)
        case .memory: SQLiteDatabase(in: self, isInMemory: true)
        case .file: SQLiteDatabase(in: self, isInMemory: false)
        }
    }

    func injectsFault(perMille: Int) -> Bool {
        !isSettling && !settings.isFaultFree && kernel.choices.chance(perMille: perMille)
    }

    /// The difference between the next row id and the last one; more than 1 leaves a gap.
    func nextGap() -> Int64 {
        guard kernel.choices.chance(perMille: 300) else { return 1 }
        record.note(.gapInIDs)
        return Int64(kernel.choices.within(2...4))
    }

    func noteCommit(_ outcomes: [StoreOutcome], _ added: [Disk.Row]) {
        record.note(.groupCommitted)
        for outcome in outcomes {
            if case .repeated = outcome { record.note(.repeatStored) }
        }
        for row in added where row.key?.contains(0) == true { record.note(.derivedKeyStored) }
    }

    // MARK: The servers

    /// The ports on which clients reach a server.
    func ports(of host: Host) -> [UInt16] {
        (0..<(settings.sharesPort ? 1 : max(1, settings.workers))).map { host.firstPort + UInt16($0) }
    }

    /// Records that the server ends without waiting for its clients.
    func noteEndAtOnce(of host: Host) {
        host.instance.isStopRepeated = true
        host.lastNumberAtEndAtOnce = lastNumber
    }

    /// Records that the server has replaced its workers, or has given up.
    func endReplacement(on host: Host) {
        host.instance.isReplacing = false
        host.instance.hasReplaced = true
        host.lastNumberAtReplacement = lastNumber
    }

    /// Starts the server of a host. The server itself waits until its predecessor has released the ports.
    func startServer(of host: Host) {
        guard host.primary == nil else { return }
        host.model = makeModel(makeExchange(of: host))
        inquiries.lostHub()
        host.instance = ServerInstance(startedAt: kernel.elapsed)
        starts += 1
        let (number, model, port) = (starts, host.model, host.firstPort)
        let primary = kernel.start { [unowned self] process in
            run(process, of: host, number: number, on: port, for: model)
        }
        host.primary = primary
        hostsOfProcesses[primary.id] = host
        record.trace("the server\(name(of: host)) starts")
    }

    /// The host's name for the trace; empty if there is only one.
    func name(of host: Host) -> String { hosts.count == 1 ? "" : " of host \(host.number)" }

    /// Starts another server on the same database while the first one runs. The first one must detect this and exit.
    func startSecondServer(on host: Host) {
        let other = host.otherFirstPort
        guard let primary = host.primary, let store = host.store, host.supersededServers.isEmpty,
            !(0..<max(1, settings.workers)).contains(where: { kernel.isListening(other + UInt16($0)) })
        else { return }
        record.note(.secondPrimaryStarted)
        record.trace("a second server takes over the database")
        database.removeLock()
        host.supersededServers.append(SupersededServer(process: primary, store: store, model: host.model))
        host.firstPort = other
        host.primary = nil
        host.store = nil
        startServer(of: host)
        if let primary = host.primary { kernel.run(primary) }
    }

    /// Opens the store for a new server.
    /// - Throws: ``StoreError``, also while another program locks the database.
    func openStore(
        epoch: String, number: Int, of process: SimulatedProcess, on host: Host, for model: HubOracle
    ) throws -> any MessageStore {
        guard !isStoreLocked(for: host) else {
            throw StoreError.lockedByAnotherWriter(path: "simulated", process: nil)
        }
        let (store, client) = try database.open(epoch: epoch, number: number)
        model.epoch = epoch
        process.onExit = client.end
        if process === host.primary {
            host.epoch = epoch
            host.store = client
            (store as? SharedStore)?.onReadAll = { model.exchange?.readAllRows() }
        }
        return store
    }

    /// Opens the history for a worker.
    func openHistory(of process: SimulatedProcess) throws -> any History {
        let (history, reader) = try database.openReader()
        let host = host(of: process)
        host.readers.append(reader)
        process.onExit = {
            reader.end()
            host.readers.removeAll { $0 === reader }
        }
        return history
    }

    /// Kills the hub's process. Its workers are killed too, or detect the end themselves.
    func killServer(of host: Host) {
        guard let primary = host.primary else { return }
        record.trace("the server\(name(of: host)) is killed")
        record.note(.primaryKilled)
        kernel.kill(primary.id)
        handleServerExit(of: host)
    }

    /// Handles the end of the hub's process, if it has ended.
    func handleServerExit(of host: Host) {
        host.supersededServers.removeAll { $0.process.hasEnded }
        guard let primary = host.primary, let end = primary.end else { return }
        record.trace("the server\(name(of: host)) \(end)")
        check(end, of: host)
        host.store = nil
        host.primary = nil
        host.lastNumberAtExit = lastNumber
        for worker in kernel.processes
        where isWorker(worker) && self.host(of: worker) === host && kernel.choices.chance(perMille: 700) {
            kernel.kill(worker.id)
        }
    }
}
