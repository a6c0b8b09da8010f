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
    /// The hub's process: the whole server, or the supervisor of the workers.
    private(set) var primary: SimulatedProcess?
    /// The hub's store, and the history readers of the worker processes.
    private(set) var store: (any DatabaseClient)?
    private(set) var readers: [any DatabaseClient] = []
    /// Running servers whose database another server has taken over.
    private(set) var supersededServers: [SupersededServer] = []
    private(set) lazy var database: any Database = makeDatabase()
    /// The epoch of the current server.
    private(set) var epoch: String?
    /// The oracle for the current server's hub.
    private(set) var model: HubOracle
    let operations: SocketOperations
    let inquiries: Inquiries
    private(set) lazy var questions = Questions(in: self)
    private(set) lazy var handlers = HandlerRecord(record)
    /// True in the final phase, which has no faults.
    var isSettling = false
    /// The state of the current or latest server.
    var instance = ServerInstance(startedAt: .zero)
    /// The last number handed out when the server last ended a replacement of its workers.
    private(set) var lastNumberAtReplacement = 0
    /// The last number handed out when a server last ended without waiting for its clients.
    private(set) var lastNumberAtEndAtOnce = 0
    /// The processes that the simulation has killed.
    var killed: Set<Int32> = []
    /// The last number handed out, such as that of a transport, when the server last ended.
    private(set) var lastNumberAtExit = 0
    /// Another program that listens on one of the server's ports.
    var portOccupant: SimulatedProcess?
    var occupiedPort: UInt16?
    /// The time at which another program unlocks the database, since the start of the run.
    var storeLockedUntil = Duration.zero
    private var lastNumber = 0
    private var starts = 0

    /// The first port of the server. A competing server uses other ports.
    private var firstPort: UInt16 = 3000

    init(seed: UInt64, isSmall: Bool, isTracing: Bool) {
        var choices = SeededChoices(seed: seed)
        settings = Settings(&choices, isSmall: isSmall)
        kernel = SimulatedKernel(seed: choices.next(), limits: settings.kernel)
        record = Record(isTracing: isTracing)
        operations = SocketOperations(record)
        inquiries = Inquiries(record, kernel, maxBytes: settings.limits.inquiryAnswers)
        model = HubOracle(record, operations, inquiries, settings)
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

    /// The simulated time since the start of the run.
    var milliseconds: Int { Int(kernel.elapsed / .milliseconds(1)) }

    /// Returns a number that is unique in this run.
    func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    func session(_ id: SessionID) -> HubOracle.Session? {
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

    /// The difference between the next row id and the last one; more than 1 leaves a gap.
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

    /// The ports on which clients reach the server.
    var ports: [UInt16] {
        (0..<(settings.sharesPort ? 1 : max(1, settings.workers))).map { firstPort + UInt16($0) }
    }

    /// Records that the server ends without waiting for its clients.
    func noteEndAtOnce() {
        instance.isStopRepeated = true
        lastNumberAtEndAtOnce = lastNumber
    }

    /// Records that the server has replaced its workers, or has given up.
    func endReplacement() {
        instance.isReplacing = false
        instance.hasReplaced = true
        lastNumberAtReplacement = lastNumber
    }

    /// Starts the server. The server itself waits until its predecessor has released the ports.
    func startServer() {
        guard primary == nil else { return }
        model = HubOracle(record, operations, inquiries, settings)
        inquiries.lostHub()
        instance = ServerInstance(startedAt: kernel.elapsed)
        starts += 1
        let (number, model, port) = (starts, model, firstPort)
        primary = kernel.start { [unowned self] process in
            run(process, number: number, on: port, for: model)
        }
        record.trace("the server starts")
    }

    /// Starts another server on the same database while the first one runs. The first one must detect this and exit.
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

    /// Opens the store for a new server.
    /// - Throws: ``StoreError``, also while another program locks the database.
    func openStore(
        epoch: String, number: Int, of process: SimulatedProcess, for model: HubOracle
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

    /// Opens the history for a worker.
    func openHistory(of process: SimulatedProcess) throws -> any History {
        let (history, reader) = try database.openReader()
        readers.append(reader)
        process.onExit = { [unowned self] in
            reader.end()
            readers.removeAll { $0 === reader }
        }
        return history
    }

    /// Kills the hub's process. Its workers are killed too, or detect the end themselves.
    func killServer() {
        guard let primary else { return }
        record.trace("the server is killed")
        record.note(.primaryKilled)
        kernel.kill(primary.id)
        handleServerExit()
    }

    /// Handles the end of the hub's process, if it has ended.
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
