import Actors
import Cluster
import SimulatedMachine
import Transport

/// What `chatd serve` is made of: hub, store and worker in one process, on one loop.
final class SimulatedServe: Sendable {
    private unowned let process: SimulatedProcess
    private let loop: EventLoop
    private let world: World
    private let hub: Hub
    private let server: Server

    init(in process: SimulatedProcess, on loop: EventLoop, store: SimulatedStore, epoch: String, world: World) {
        self.process = process
        self.loop = loop
        self.world = world
        hub = Hub(
            loop: loop, store: store, epoch: epoch, recovery: world.settings.recovery, observer: world.witness,
            report: { [unowned world] in world.hubReported($0) })
        server = Server(
            loop: loop, options: world.settings.server, adapter: DirectLink(to: hub, store: store),
            report: { [record = world.record] in record.trace("the server reports \($0)") })
        SimulatedApplication.install(on: server)
    }

    func start(on socket: ListeningSocket) {
        loop.startTask { [self] in
            do {
                await hub.start()
                try await server.listen(on: [socket])
            } catch {
                world.startFailed(error, of: process)
            }
        }
    }
}
