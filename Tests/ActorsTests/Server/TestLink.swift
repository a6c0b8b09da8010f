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

    struct Opened: Sendable {
        let adapter: any Adapter
        /// Ends the link as the death of the worker's process does.
        let cut: @Sendable () async -> Void
        /// Takes the link from the hub when the test is over.
        let end: @Sendable () async -> Void
    }

    /// Opens a link from a server on `loop` to a hub on `hubLoop`.
    func open(to hub: Hub, on hubLoop: EventLoop, worker loop: EventLoop, store: any MessageStore) async throws
        -> Opened
    {
        switch self {
        case .direct:
            let link = DirectLink(to: hub, store: store)
            return Opened(
                adapter: link, cut: { Issue.record("a direct link ends with its process") }, end: {})
        case .pipes:
            let (hubEnds, workerEnds) = try Pipe.pair()
            let hubLink = PipeLink(to: hub, on: hubLoop) { _ in }
            await hubLink.start(hubEnds)
            let link = WorkerLink(workerEnds, on: loop, store: store)
            try await link.open()
            return Opened(adapter: link, cut: { await hubLink.finish() }, end: { await hubLink.finish() })
        case .simulated:
            let link = SimulatedLink(to: hub, on: hubLoop, worker: loop, seed: 1, store: store)
            await link.open()
            return Opened(adapter: link, cut: { await link.cut() }, end: { await link.cut() })
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
