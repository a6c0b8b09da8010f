import Actors
import Cluster
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
    private(set) var restless: SimulatedClient?
    /// The process of the server.
    private(set) var serving: SimulatedProcess?
    private(set) var store: SimulatedStore?
    /// The name of the present start.
    private(set) var epoch: String?
    /// What the hub of the present start decides.
    private(set) var witness: Witness
    /// Whether nothing goes wrong any more.
    var isSettling = false
    private var lastNumber = 0
    private var starts = 0

    static let port: UInt16 = 3000

    init(seed: UInt64, isSmall: Bool, isTracing: Bool) {
        var choices = SeededChoices(seed: seed)
        settings = Settings(&choices, isSmall: isSmall)
        kernel = SimulatedKernel(seed: choices.next(), limits: settings.kernel)
        record = Record(isTracing: isTracing)
        witness = Witness(record)
        for number in 0..<settings.clients {
            let kind = SimulatedClient.Kind.allCases[kernel.choices.below(SimulatedClient.Kind.allCases.count)]
            clients.append(SimulatedClient(number: number, kind: kind, in: self))
        }
        if kernel.choices.chance(100) { restless = clients.first }
        startServer()
    }

    /// The virtual time since the start.
    var milliseconds: Int { Int(kernel.elapsed / .milliseconds(1)) }

    /// A number that nothing else has.
    func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    func session(_ id: SessionID) -> Witness.Session? { witness.session(id) }

    func hasFault(perMille: Int) -> Bool {
        !isSettling && kernel.choices.chance(perMille)
    }

    /// How many ids the next row skips, and itself.
    func nextGap() -> Int64 {
        guard kernel.choices.chance(300) else { return 1 }
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

    func startServer() {
        witness = Witness(record)
        starts += 1
        let number = starts
        serving = kernel.start { [unowned self] process in begin(process, number: number) }
        record.trace("the server starts")
    }

    private func begin(_ process: SimulatedProcess, number: Int) {
        do {
            disk.makeVisible()
            let loop = try process.makeLoop()
            let epoch = Hub.newEpoch(on: loop)
            let store = SimulatedStore(in: self, epoch: epoch, number: number)
            self.epoch = epoch
            self.store = store
            process.atEnd = store.end
            let address = try SocketAddress.resolve(host: "127.0.0.1", port: Self.port)[0]
            let socket = try ListeningSocket(binding: address, on: process.machine)
            SimulatedServe(on: loop, store: store, epoch: epoch, world: self).start(on: socket) { [record] error in
                record.require(false, .settles, "the server cannot start: \(error)")
            }
        } catch {
            record.require(false, .settles, "the server cannot start: \(error)")
        }
    }

    func killServer() {
        guard let serving else { return }
        record.trace("the server is killed")
        record.note(.primaryKilled)
        kernel.kill(serving.id)
        noticeEnd()
    }

    /// A store that must not be written to any more ends its process, as the commands do.
    func hubReported(_ report: Hub.Report) {
        record.trace("the hub reports \(report)")
        if case .storeLost = report { serving?.exit(code: 70) }
    }

    /// Notices that the server has ended itself.
    func noticeEnd() {
        guard let serving, serving.hasEnded else { return }
        record.trace("the server has ended")
        store = nil
        self.serving = nil
    }
}
