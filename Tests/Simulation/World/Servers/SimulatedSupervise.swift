import Cluster
import Glibc
import SimulatedMachine
import Transport

/// What the process of `chatd supervise` is made of: hub, store and supervisor.
final class SimulatedSupervise: Sendable {
    private unowned let process: SimulatedProcess
    private let loop: EventLoop
    private let hub: Hub
    private let supervisor: Supervisor
    private let world: World

    init(
        in process: SimulatedProcess, on loop: EventLoop, store: SimulatedStore, epoch: String,
        sockets: [ListeningSocket], world: World
    ) {
        self.process = process
        self.loop = loop
        self.world = world
        hub = Hub(
            loop: loop, store: store, epoch: epoch, recovery: world.settings.recovery, observer: world.witness,
            report: { [unowned world] in world.hubReported($0) })
        supervisor = Supervisor(
            loop: loop, hub: hub, executable: "chatd",
            workers: sockets.map { Supervisor.Worker(sockets: [$0], arguments: ["worker"]) })
    }

    func start() {
        loop.startTask { [hub, supervisor] in
            await hub.start()
            await supervisor.start { [record = self.world.record] in record.trace("the supervisor reports \($0)") }
        }
        loop.execute { [self] in
            do {
                try SignalSource([SIGCHLD], on: loop) { [supervisor] _ in
                    supervisor.assumeIsolated { $0.childEnded() }
                }
            } catch {
                world.startFailed(error, of: process)
            }
        }
    }
}
