import Persistence
import SimulatedMachine

@testable import Actors
@testable import Cluster
@testable import Transport

/// How a test's server reaches its hub.
enum TestLink: CaseIterable {
    /// Both are one process, with one loop.
    case direct
    /// Each is a process of its own.
    case pipes

    @TaskLocal static var current = TestLink.direct

    /// A server's process.
    struct Opened {
        let loop: EventLoop
        let adapter: any Adapter
        let process: SimulatedProcess
        /// The hub's side; nil for a direct link.
        var hubLink: PipeLink?
    }

    /// Starts a process for a server, with a link to the hub in `process`; for a direct link it is the same process.
    func open(to hub: Hub, in process: SimulatedProcess, on hubLoop: EventLoop, store: any MessageStore) async throws
        -> Opened
    {
        switch self {
        case .direct:
            return Opened(loop: hubLoop, adapter: DirectLink(to: hub, store: store), process: process)
        case .pipes:
            let (hubEnds, workerEnds) = try PipePair.makeEnds(on: process.machine)
            let worker = try process.startChild(descriptors: [workerEnds.reading, workerEnds.writing]) { _ in }
            workerEnds.close()
            let loop = try worker.makeLoop(Limits())
            let (ends, _) = try WorkerProcess.inherited(sockets: 0, on: worker.machine)
            let hubLink = PipeLink(to: hub, on: hubLoop) { _ in }
            await hubLink.start(hubEnds)
            let link = WorkerLink(ends, on: loop, history: store)
            try await link.open()
            return Opened(loop: loop, adapter: link, process: worker, hubLink: hubLink)
        }
    }
}
