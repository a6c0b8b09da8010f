import Cluster
import Persistence

/// The connection between a worker and the hub of a test's server.
struct TestLink {
    let adapter: any Adapter
    /// The hub's end of the pipes; nil without pipes.
    var hubLink: PipeLink?

    /// - Parameter withPipes: True for the link of a worker process, whose requests and events pass through pipes;
    ///   false for the link of a server in one process.
    static func open(
        to hub: Hub, store: (any MessageStore)?, on loop: EventLoop, withPipes: Bool
    ) async throws -> TestLink {
        guard withPipes else { return TestLink(adapter: DirectLink(to: hub, store: store)) }
        let (hubEnds, workerEnds) = try PipePair.makeEnds(on: loop.machine)
        let hubLink = PipeLink(to: hub, on: loop) { _ in }
        await hubLink.start(hubEnds)
        let link = WorkerLink(workerEnds, on: loop, history: store)
        try await link.open()
        return TestLink(adapter: link, hubLink: hubLink)
    }
}
