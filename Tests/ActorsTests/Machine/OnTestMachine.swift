import Testing

/// Runs each test of a suite on a simulated machine, over every link and in several orders of what happens at once.
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
    /// What a server does is the same whether its hub is in its process or in another one.
    static var overEachLink: OnTestMachine { OnTestMachine(links: TestLink.allCases) }
    /// For servers with their hub in one process.
    static var overDirectLink: OnTestMachine { OnTestMachine(links: [.direct]) }
    /// For servers and a hub with processes of their own.
    static var overPipes: OnTestMachine { OnTestMachine(links: [.pipes]) }
}
