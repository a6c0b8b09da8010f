import Actors
import Cluster
import Persistence
import Transport

/// A whole cluster in one thread: processes, pipes, a disk and clients under a virtual clock. Every decision comes from the
/// seed.
package final class SimulatedCluster {
    let record: Record
    var choices: Choices
    let settings: Settings
    let faults: Set<Fault>
    let recovery: RecoveryOptions
    var disk = Disk()
    private let origin = ContinuousClock.now
    /// The virtual time since the start.
    var milliseconds = 0

    /// The process of the hub that clients and workers find; another one may still be there.
    var primary: PrimaryModel?
    /// Every process there has been.
    var primaries: [PrimaryModel] = []
    /// The workers that are there, those of a hub that is gone included.
    var workers: [WorkerModel] = []
    private var pastWorkers: [WorkerModel] = []
    var clients: [ClientModel] = []
    /// A client that changes its network again and again, so that its session is claimed from an owner that is still connected.
    private(set) var restless: ClientModel?
    /// Every connection there has been.
    var connections: [ConnectionModel] = []
    /// Whether nothing goes wrong any more.
    var isSettling = false
    private var lastNumber = 0

    init(seed: UInt64, faults: Set<Fault>, isTracing: Bool) {
        choices = Choices(seed: seed)
        settings = Settings(&choices)
        self.faults = faults
        record = Record(isTracing: isTracing)
        recovery = RecoveryOptions(
            maxDisconnectionDuration: .milliseconds(4000), detectionTime: .milliseconds(1000), maxLostSessions: 6,
            maxEvents: settings.maxLogEvents)
        startPrimary()
        for number in 0..<settings.clients {
            let kind = ClientModel.Kind.allCases[choices.below(ClientModel.Kind.allCases.count)]
            clients.append(ClientModel(number: number, kind: kind, in: self))
        }
        if choices.chance(100) { restless = clients.first }
    }

    var now: ContinuousClock.Instant { origin + .milliseconds(milliseconds) }

    /// A number that nothing else has.
    func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    func newID() -> SessionID {
        choices.withGenerator { SessionID(using: &$0) }
    }

    func hasFault(perMille: Int) -> Bool {
        !isSettling && choices.chance(perMille)
    }

    /// How many ids the next row skips, and itself.
    func nextGap() -> Int64 {
        guard choices.chance(300) else { return 1 }
        record.note(.gapInIDs)
        return Int64(choices.within(2...4))
    }

    /// A trace line with session ids by the numbers in which they came up would need a table: they are shortened instead.
    func words(_ text: String) -> String { text }

    // MARK: Processes

    func startPrimary() {
        disk.makeVisible()
        let epoch = String(newID().description.prefix(8))
        let number = primaries.count
        let writer = WriterModel(opening: &disk, epoch: epoch, process: number)
        let primary = PrimaryModel(number: number, epoch: epoch, writer: writer, self)
        self.primary = primary
        primaries.append(primary)
        record.trace("primary \(number) starts, epoch \(epoch)")
        for _ in 0..<settings.workers { startWorker() }
    }

    func startWorker() {
        guard let primary else { return }
        let worker = WorkerModel(number: nextNumber(), of: primary, in: self)
        workers.append(worker)
        record.trace("worker \(worker.number) starts")
    }

    /// The hub's process ends, and its workers find out one by one.
    func kill(_ primary: PrimaryModel) {
        record.trace("primary \(primary.number) ends")
        record.note(.primaryKilled)
        primary.die()
        if primary === self.primary { self.primary = nil }
    }

    /// A worker's process ends.
    /// - Parameter torn: how many of the bytes that it wrote last are not on their way.
    func kill(_ worker: WorkerModel, losing torn: Int) {
        record.trace("worker \(worker.number) ends, \(torn) bytes torn off")
        workers.removeAll { $0 === worker }
        pastWorkers.append(worker)
        worker.die()
        worker.link.toHub.senderDied(losing: torn)
        for connection in worker.connections {
            connection.loseArriving(keeping: choices.within(0...3))
        }
        // The hub reads the end of the pipe at some moment; until then it has whatever it has not read.
        dying.append(worker)
    }

    /// The workers whose end the hub has not noticed.
    var dying: [WorkerModel] = []

    func workerNoticesEnd(_ worker: WorkerModel) {
        kill(worker, losing: 0)
    }

    /// The hub reads to the end of a dead worker's pipe.
    func bury(_ worker: WorkerModel) {
        dying.removeAll { $0 === worker }
        guard worker.primary.isRunning else { return }
        worker.primary.lose(worker.link)
        if worker.primary === primary { startWorker() }
    }

    // MARK: Judging

    func committed(_ attempt: WriterModel.Attempt) {
        record.note(.groupCommitted)
        for outcome in attempt.outcomes {
            if case .repeated = outcome { record.note(.repeatStored) }
        }
        for row in attempt.added where row.key?.contains(0) == true { record.note(.derivedKeyStored) }
    }

    /// What the hub sends.
    func judge(_ items: [StreamItem]) {}
}
