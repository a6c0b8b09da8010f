import Actors
import Persistence
import SimulatedMachine
import Transport

/// Servers, clients, a network and a disk in one thread, moved on step by step; every decision comes from the seed.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class World: @unchecked Sendable {
    let record: Record
    let kernel: SimulatedKernel
    let settings: Settings
    var disk = Disk()
    private(set) var clients: [SimulatedClient] = []
    /// A client that changes its network again and again, so that its session is claimed from an owner that is still connected.
    private(set) var roamingClient: SimulatedClient?
    /// The process of the hub: the whole server, or the one that supervises the workers.
    private(set) var primary: SimulatedProcess?
    /// Its store, and the readers of the workers' processes.
    private(set) var store: (any DatabaseClient)?
    private(set) var readers: [any DatabaseClient] = []
    /// Servers that another one has taken the database from and that have not ended.
    private(set) var supersededServers: [SupersededServer] = []
    private(set) lazy var database: any Database = makeDatabase()
    /// The name of the present start.
    private(set) var epoch: String?
    /// What the hub of the present start decides.
    private(set) var model: ReferenceModel
    private(set) lazy var questions = Questions(in: self)
    private(set) lazy var handlers = HandlerRecord(record)
    /// Whether nothing goes wrong any more.
    var isSettling = false
    /// The present start of the server, or the last one.
    var instance = ServerInstance(startedAt: .zero)
    /// The processes that were killed from outside.
    var killed: Set<Int32> = []
    /// The last number that something had when the server ended.
    private(set) var lastNumberAtExit = 0
    /// Another program that listens on one of the server's ports.
    var portOccupant: SimulatedProcess?
    var occupiedPort: UInt16?
    /// Until when another program has the database, since the start of the run.
    var storeLockedUntil = Duration.zero
    private var lastNumber = 0
    private var starts = 0

    /// Clients find the server here. A second one beside it has others.
    private var firstPort: UInt16 = 3000

    init(seed: UInt64, isSmall: Bool, isTracing: Bool) {
        var choices = SeededChoices(seed: seed)
        settings = Settings(&choices, isSmall: isSmall)
        kernel = SimulatedKernel(seed: choices.next(), limits: settings.kernel)
        record = Record(isTracing: isTracing)
        model = ReferenceModel(record, settings)
        for number in 0..<settings.clients {
            let kind = SimulatedClient.Kind.allCases[kernel.choices.below(SimulatedClient.Kind.allCases.count)]
            clients.append(SimulatedClient(number: number, kind: kind, in: self))
        }
        if kernel.choices.chance(perMille: 100) { roamingClient = clients.first }
        kernel.loopObserver = record
        kernel.maxDescriptors = settings.maxDescriptors
        kernel.childMain = { [unowned self] in runWorker($0) }
        startServer()
    }

    /// The virtual time since the start.
    var milliseconds: Int { Int(kernel.elapsed / .milliseconds(1)) }

    /// A number that nothing else has.
    func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    func session(_ id: SessionID) -> ReferenceModel.Session? {
        model.session(id) ?? supersededServers.lazy.compactMap { $0.model.session(id) }.first
    }

    private func makeDatabase() -> any Database {
        switch settings.database {
        case .simulated: SimulatedDatabase(in: self)
        case .memory: SQLiteDatabase(in: self, isInMemory: true)
        case .file: SQLiteDatabase(in: self, isInMemory: false)
        }
    }

    func injectsFault(perMille: Int) -> Bool {
        !isSettling && !settings.isFaultFree && kernel.choices.chance(perMille: perMille)
    }

    /// How many ids the next row skips, and itself.
    func nextGap() -> Int64 {
        guard kernel.choices.chance(perMille: 300) else { return 1 }
        record.note(.gapInIDs)
        return Int64(kernel.choices.within(2...4))
    }

    func committed(_ attempt: StoreWriter.Attempt) {
        record.note(.groupCommitted)
        for outcome in attempt.outcomes {
            if case .repeated = outcome { record.note(.repeatStored) }
        }
        for row in attempt.added where row.key?.contains(0) == true { record.note(.derivedKeyStored) }
    }

    // MARK: The server

    /// Where clients find the server.
    var ports: [UInt16] { (0..<max(1, settings.workers)).map { firstPort + UInt16($0) } }

    /// Starts the server. It waits for its ports while what is left of the one before has them.
    func startServer() {
        guard primary == nil else { return }
        model = ReferenceModel(record, settings)
        instance = ServerInstance(startedAt: kernel.elapsed)
        starts += 1
        let (number, model, port) = (starts, model, firstPort)
        primary = kernel.start { [unowned self] process in
            run(process, number: number, on: port, for: model)
        }
        record.trace("the server starts")
    }

    /// Another server starts on the same database, though the one before runs; that has to notice.
    func startSecondServer() {
        let other: UInt16 = firstPort == 3000 ? 4000 : 3000
        guard let primary, let store, supersededServers.isEmpty,
            !(0..<max(1, settings.workers)).contains(where: { kernel.isListening(other + UInt16($0)) })
        else { return }
        supersededServers.append(SupersededServer(process: primary, store: store, model: model))
        firstPort = other
        self.primary = nil
        self.store = nil
        startServer()
        if let primary = self.primary { kernel.run(primary) }
    }

    /// Opens the store of a start.
    /// - Throws: ``StoreError``, also while another program has the database.
    func openStore(
        epoch: String, number: Int, of process: SimulatedProcess, for model: ReferenceModel
    ) throws -> any MessageStore {
        guard !isStoreLocked else { throw StoreError.lockedByAnotherWriter(path: "simulated", process: nil) }
        let (store, client) = try database.open(epoch: epoch, number: number)
        model.epoch = epoch
        process.onExit = client.end
        if process === primary {
            self.epoch = epoch
            self.store = client
        }
        return store
    }

    /// Opens what a worker reads history from.
    func openHistory(of process: SimulatedProcess) throws -> any History {
        let (history, reader) = try database.openReader()
        readers.append(reader)
        process.onExit = { [unowned self] in
            reader.end()
            readers.removeAll { $0 === reader }
        }
        return history
    }

    /// The process of the hub ends; its workers end with it, or find out by themselves.
    func killServer() {
        guard let primary else { return }
        record.trace("the server is killed")
        record.note(.primaryKilled)
        kernel.kill(primary.id)
        handleServerExit()
    }

    /// Notices that the process of the hub has ended.
    func handleServerExit() {
        supersededServers.removeAll { $0.process.hasEnded }
        guard let primary, let end = primary.end else { return }
        record.trace("the server \(end)")
        check(end)
        store = nil
        self.primary = nil
        lastNumberAtExit = lastNumber
        for worker in kernel.processes where worker !== portOccupant && kernel.choices.chance(perMille: 700) {
            kernel.kill(worker.id)
        }
    }
}
