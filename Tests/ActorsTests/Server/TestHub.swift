import Transport

@testable import Cluster

/// A hub with a store that can be held up.
final class TestHub: Sendable {
    let hub: Hub
    let store: GatedStore
    let loop: EventLoop
    /// How servers reach it.
    let link = TestLink.current

    init(history: [String] = [], recovery: RecoveryOptions? = nil) async throws {
        // Hundreds of tests run at once, with some ten descriptors each.
        ResourceLimits.raiseDescriptors()
        store = try await GatedStore(history: history)
        loop = try EventLoop.start(name: "hub")
        hub = Hub(loop: loop, store: store, epoch: "e", recovery: recovery)
    }

    func end() async {
        await hub.close()
        loop.stop()
    }
}
