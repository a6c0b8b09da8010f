import SimulatedMachine

@testable import Cluster
@testable import Transport

/// A hub in its own process, with a store that tests can stall.
final class TestHub {
    let hub: Hub
    let store: GatedStore
    let loop: EventLoop
    let process: SimulatedProcess
    /// The kind of link between the hub and its servers.
    let link = TestLink.current

    init(history: [String] = [], recovery: RecoveryOptions? = nil) async throws {
        process = TestMachine.current.kernel.start { _ in }
        loop = try process.makeLoop(.ofTests)
        store = try await GatedStore(history: history, on: loop)
        hub = Hub(loop: loop, store: store, epoch: "e", recovery: recovery)
    }

    func end() async {
        await hub.close()
        loop.stop()
    }
}
