import Actors
import Cluster
import SimulatedMachine
import Transport

/// What a worker's process is made of: the link to the hub, and a server.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class SimulatedWorker: @unchecked Sendable {
    private let loop: EventLoop
    private let socket: ListeningSocket
    private let link: WorkerLink
    private unowned let process: SimulatedProcess
    private let world: World

    init(in process: SimulatedProcess, reader: SimulatedReader, world: World) throws {
        self.process = process
        self.world = world
        loop = try process.makeLoop(world.settings.limits)
        let (ends, sockets) = try WorkerProcess.inherited(sockets: 1, on: process.machine)
        socket = sockets[0]
        link = WorkerLink(
            ends, on: loop, store: reader, commanded: { [unowned process] _ in process.exit(code: 0) },
            ended: { [unowned process, record = world.record] reason in
                record.trace("worker \(process.id): its link is over: \(reason)")
                process.exit(code: 69)
            })
    }

    func start() {
        loop.startTask { [self] in
            do {
                try await link.open()
                let server = Server(
                    loop: loop, options: world.settings.server, adapter: link,
                    report: { [record = world.record] in record.trace("a worker reports \($0)") })
                SimulatedApplication.install(on: server)
                try await server.listen(on: [socket])
                await link.serving()
            } catch is LinkEnd {
                // The hub's process has ended meanwhile.
            } catch {
                world.startFailed(error, of: process)
            }
        }
    }
}
