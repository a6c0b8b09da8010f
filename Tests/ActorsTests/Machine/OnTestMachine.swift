import Testing

/// Runs each test of a suite on a simulated machine, once for each link and each of two seeds. The seed determines the
/// order of concurrent steps.
struct OnTestMachine: TestTrait, SuiteTrait, TestScoping {
    var links: [TestLink]
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing run: @Sendable () async throws -> Void
    ) async throws {
        for link in links {
            for seed in UInt64(1)...2 {
                try TestLink.$current.withValue(link) {
                    try withoutActuallyEscaping(run) { try TestMachine.run(seed: seed, $0) }
                }
            }
        }
    }
}

extension Trait where Self == OnTestMachine {
    /// Runs tests with the hub in the server's process and again in another process. The server must behave the same.
    static var overEachLink: OnTestMachine { OnTestMachine(links: [.direct, .pipes]) }
    /// Runs tests like ``overEachLink``, and again with a transport instead of the pipes.
    static var overEveryLink: OnTestMachine { OnTestMachine(links: TestLink.allCases) }
    /// Runs tests with the hub in the server's process.
    static var overDirectLink: OnTestMachine { OnTestMachine(links: [.direct]) }
    /// Runs tests with the hub in a separate process.
    static var overPipes: OnTestMachine { OnTestMachine(links: [.pipes]) }
}
