import Persistence
import SimulatedMachine

@testable import Actors
@testable import Cluster
@testable import Transport

/// The kind of link between a test's server and its hub.
enum TestLink: CaseIterable {
    /// The server and the hub share one process and one loop.
    case direct
    /// The server and the hub are two processes, connected by pipes.
    case pipes
    /// As two processes, connected by a transport. The hub cannot read within a call what is on its way.
    case transport

    @TaskLocal static var current = TestLink.direct

    /// A server's process.
    struct Opened {
        let loop: EventLoop
        let adapter: any Adapter
        let process: SimulatedProcess
        /// The hub's end of the link; nil for a direct link.
        var hubLink: PipeLink?
    }

    /// Opens a link to the hub in `process`. Starts a process for the server, except for a direct link.
    func open(to hub: Hub, in process: SimulatedProcess, on hubLoop: EventLoop, store: any MessageStore) async throws
        -> Opened
    {
        switch self {
        case .direct:
            return Opened(loop: hubLoop, adapter: DirectLink(to: hub, store: store), process: process)
        case .pipes, .transport:
            let (hubEnds, workerEnds) = try PipePair.makeEnds(on: process.machine)
            let worker = try process.startChild(descriptors: [workerEnds.reading, workerEnds.writing]) { _ in }
            workerEnds.close()
            let loop = try worker.makeLoop(.ofTests)
            let ends = try WorkerProcess.inherited(sockets: 0, on: worker.machine).link
            let hubLink = PipeLink(to: hub, on: hubLoop) { _ in }
            let link: WorkerLink
            if self == .pipes {
                await hubLink.start(hubEnds)
                link = WorkerLink(ends, on: loop, history: store)
            } else {
                await hubLink.start(over: PipeTransport(hubEnds))
                link = WorkerLink(over: PipeTransport(ends), on: loop, history: store) { _ in }
            }
            try await link.open()
            return Opened(loop: loop, adapter: link, process: worker, hubLink: hubLink)
        }
    }
}
