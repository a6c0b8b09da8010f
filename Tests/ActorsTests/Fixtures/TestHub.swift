import SimulatedMachine

@testable import Cluster
@testable import Transport

/// A hub in a process of its own, with a store that can be held up.
final class TestHub {
    let hub: Hub
    let store: GatedStore
    let loop: EventLoop
    let process: SimulatedProcess
    /// How servers reach it.
    let link = TestLink.current

    init(history: [String] = [], recovery: RecoveryOptions? = nil) async throws {
        process = TestMachine.current.kernel.start { _ in }
        loop = try process.makeLoop(Limits())
        store = try await GatedStore(history: history, on: loop)
        hub = Hub(loop: loop, store: store, epoch: "e", recovery: recovery)
    }

    func end() async {
        await hub.close()
        loop.stop()
    }
}
