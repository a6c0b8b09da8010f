import Persistence
import Testing
import Transport

@testable import Actors
@testable import Cluster

/// How a test's server reaches its hub.
enum TestLink: CaseIterable {
    case direct
    case pipes
    case simulated

    @TaskLocal static var current = TestLink.direct

    /// The adapter of a server on `loop`, with the hub on `hubLoop`.
    func open(to hub: Hub, on hubLoop: EventLoop, worker loop: EventLoop, store: any MessageStore) async throws
        -> any Adapter
    {
        switch self {
        case .direct:
            return DirectLink(to: hub, store: store)
        case .pipes:
            let (hubEnds, workerEnds) = try Pipe.pair()
            await PipeLink(to: hub, on: hubLoop) { _ in }.start(hubEnds)
            let link = WorkerLink(workerEnds, on: loop, store: store)
            try await link.open()
            return link
        case .simulated:
            let link = SimulatedLink(to: hub, on: hubLoop, worker: loop, seed: 1, store: store)
            await link.open()
            return link
        }
    }
}

/// Runs each test of a suite once over every link: what a server does is the same.
struct OverEachLink: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing run: @Sendable () async throws -> Void
    ) async throws {
        for link in TestLink.allCases { try await TestLink.$current.withValue(link) { try await run() } }
    }
}

extension Trait where Self == OverEachLink {
    static var overEachLink: OverEachLink { OverEachLink() }
}
