import Persistence
import SimulatedMachine

/// A database server that several hosts share, and other programs that write to it.
///
/// A lock lets one transaction at a time insert rows, so the ids have the order of the commits.
final class SharedDatabase: Database {
    private unowned let world: World
    /// The stores of the running hubs.
    private var stores: [SharedStore] = []
    /// The other program's uncommitted rows.
    private var foreignRows: [Disk.Row] = []
    /// The server does not answer until then, since the start of the run.
    private var awayUntil = Duration.zero
    /// The recorded epochs.
    private(set) var epochs: Set<String> = []

    init(in world: World) {
        self.world = world
    }

    let survivesRestart = true
    var isAway: Bool { world.kernel.elapsed < awayUntil }

    func open(epoch: String, number: Int) -> (store: any MessageStore, client: any DatabaseClient) {
        epochs.insert(epoch)
        world.disk.record(epoch: epoch, by: number)
        let store = SharedStore(self, in: world, number: number)
        stores.append(store)
        return (store, store)
    }

    func closed(_ store: SharedStore) {
        stores.removeAll { $0 === store }
    }

    func openReader() -> (history: any History, client: any DatabaseClient) {
        let reader = SimulatedReader(in: world)
        return (reader, reader)
    }

    /// Commits rows, and tells all stores but the writer's.
    func commit(_ rows: [Disk.Row], lastID: Int64, by process: Int) {
        let last = world.disk.rows.last?.id ?? 0
        guard rows.first.map({ $0.id > last }) ?? true else {
            return world.record.require(
                false, .storeReportsAreTrue, "rows \(rows.map(\.id)) are committed after row \(last)")
        }
        world.disk.commit(rows, lastID: lastID, by: process)
        world.disk.makeVisible()
        guard !rows.isEmpty else { return }
        for store in stores where store.number != process { store.rowsWereAdded() }
    }

    /// Restarts the server: every connection ends.
    func restart() {
        awayUntil = world.kernel.elapsed + .milliseconds(world.kernel.choices.below(3000))
        world.record.note(.databaseRestarted)
        world.record.trace("the database restarts until \(awayUntil)")
        if world.disk.transaction == Self.foreignProcess {
            foreignRows = []
            world.disk.transaction = nil
        }
        for store in stores { store.lostConnection() }
    }

    func endOutage() {
        awayUntil = .zero
    }

    // MARK: Other programs

    private static let foreignProcess = 1000

    func writeForeignRows(_ count: Int, isShort: Bool) {
        guard world.disk.transaction == nil, !isAway else { return }
        world.record.note(.foreignRow)
        world.disk.transaction = Self.foreignProcess
        var id = world.disk.lastID
        for _ in 0..<count {
            id += world.nextGap()
            foreignRows.append(Disk.Row(id: id, key: nil, content: Array("foreign \(id)".utf8)))
        }
        if isShort { endForeignTransaction() }
    }

    func endForeignTransaction() {
        guard world.disk.transaction == Self.foreignProcess, let last = foreignRows.last else { return }
        world.disk.transaction = nil
        commit(foreignRows, lastID: last.id, by: Self.foreignProcess)
        foreignRows = []
        world.record.trace("another program has committed rows up to \(last.id)")
    }

    /// Other starts do not end this one.
    func recordForeignStart(epoch: String) {}
    func refusesSecondStart() -> Bool { true }
    func removeLock() {}
    func check() {}
    func remove() {}
}
