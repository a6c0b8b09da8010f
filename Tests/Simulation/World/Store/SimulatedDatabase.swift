import Persistence
import SimulatedMachine

/// The simulated disk, and other programs that write to it.
final class SimulatedDatabase: Database {
    private unowned let world: World
    /// The other program's uncommitted rows.
    private var foreignRows: [Disk.Row] = []

    init(in world: World) {
        self.world = world
    }

    let survivesRestart = true

    func open(epoch: String, number: Int) -> (store: any MessageStore, client: any DatabaseClient) {
        endForeignTransaction()
        world.disk.makeVisible()
        let store = SimulatedStore(in: world, epoch: epoch, number: number)
        return (store, store)
    }

    func openReader() -> (history: any History, client: any DatabaseClient) {
        let reader = SimulatedReader(in: world)
        return (reader, reader)
    }

    /// The process number of the other program.
    private static let foreignProcess = 1000

    func writeForeignRows(_ count: Int, isShort: Bool) {
        guard world.disk.transaction == nil else { return }
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
        world.disk.commit(foreignRows, lastID: last.id, by: Self.foreignProcess)
        world.disk.makeVisible()
        foreignRows = []
        world.record.trace("another program has committed rows up to \(last.id)")
    }

    func recordForeignStart(epoch: String) {
        guard world.disk.transaction == nil else { return }
        world.disk.record(epoch: epoch, by: Self.foreignProcess)
    }

    /// The simulated disk has no lock file.
    func refusesSecondStart() -> Bool { true }
    func removeLock() {}
    func check() {}
    func remove() {}
}
